// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension QRSymbol {
  /// The symbol as an SVG document, black on white; its size is said in millimetres, its units are
  /// the dots of `layout`.
  package func svg(_ layout: DotLayout) -> String {
    let size = "0 0 \(layout.width) \(layout.height)"
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(millimetres(layout.width))" \
      height="\(millimetres(layout.height))" viewBox="\(size)" shape-rendering="crispEdges">
      <rect width="\(layout.width)" height="\(layout.height)" fill="#fff"/>
      <path fill="#000" d="\(path(layout))"/>
      </svg>

      """
  }

  /// One rectangle for each run of dark modules of a row.
  private func path(_ layout: DotLayout) -> String {
    var path = ""
    for y in 0..<size {
      var x = 0
      while x < size {
        let start = x
        while isDark(x, y) { x += 1 }
        if x > start {
          let length = (x - start) * layout.module
          path += "M\(layout.left + start * layout.module) \(layout.top + y * layout.module)"
          path += "h\(length)v\(layout.module)h-\(length)z"
        }
        x += 1
      }
    }
    return path
  }

  /// A length in dots as SVG writes it; eighths of a millimetre are exact.
  private func millimetres(_ dots: Int) -> String {
    let eighths = ["", ".125", ".25", ".375", ".5", ".625", ".75", ".875"]
    let (whole, rest) = dots.quotientAndRemainder(dividingBy: DotLayout.dotsPerMillimetre)
    return "\(whole)\(eighths[rest])mm"
  }
}
