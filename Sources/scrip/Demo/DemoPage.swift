// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// What the demo prints on: headings, requests, answers.
final class DemoPage {
  /// Nobody reads any more.
  private(set) var isUnread = false
  /// Why it cannot be printed.
  private(set) var problem: Failure?
  let colour: Bool

  init(colour: Bool) { self.colour = colour }

  private enum Style: String {
    case heading = "1;36"
    case request = "32"
    case result = "0"
    case refusal = "33"
    case sum = "1"
    case faint = "2"
  }

  /// A step's number and name.
  func heading(
    _ number: Int, _ time: String, _ english: String, _ chinese: String
  ) throws(Failure) {
    try line("")
    try line(styled("\(number). \(time)  \(english) / \(chinese)", .heading))
  }

  /// A sentence of explanation.
  func text(_ text: String) throws(Failure) { try line(styled(text, .faint)) }

  /// A command line as somebody would type it.
  func command(_ words: [String]) throws(Failure) {
    try line(styled("$ " + words.joined(separator: " "), .request))
  }

  /// A picture, which brings its own colours and line ends.
  func picture(_ text: String) throws(Failure) {
    for row in text.split(separator: "\n") { try line(String(row)) }
  }

  /// What a scanner types.
  func typed(_ text: String) throws(Failure) { try line(styled("→ " + text, .request)) }

  /// What a scanner is answered.
  func verdict(_ answer: JSONTree) throws(Failure) {
    try show(answer, "← ", answer["valid"] == true ? .result : .refusal)
  }

  /// What the till sends.
  func request(_ message: JSONTree) throws(Failure) { try show(message, "→ ", .request) }

  /// What it is answered; how the card stands then, in words, where the answer has a card.
  func reply(_ reply: DemoReply) throws(Failure) {
    guard reply.message["error"] == nil else { return try show(reply.message, "← ", .refusal) }
    try show(reply.message, "← ", .result)
    let card = reply["account.balance"] ?? reply["balance"]
    guard let card, case .integer(let principal)? = card["principal"],
      case .integer(let bonus)? = card["bonus"], case .integer(let spendable)? = card["spendable"]
    else { return }
    func yuan(_ amount: Int64) -> String { "¥" + MoneyText.plain(amount, "CNY") }
    try line(
      styled(
        "  = principal 本金 \(yuan(principal)), bonus 赠金 \(yuan(bonus)), "
          + "spendable 可用 \(yuan(spendable))", .sum))
  }

  private func show(_ message: JSONTree, _ arrow: String, _ style: Style) throws(Failure) {
    for (index, text) in WrappedJSON(message, width: 98).lines.enumerated() {
      try line(styled((index == 0 ? arrow : "  ") + text, style))
    }
  }

  /// Colours a line; amounts in units stand back in it.
  private func styled(_ text: String, _ style: Style) -> String {
    guard colour else { return text }
    let escape = "\u{1B}["
    var coloured = "\(escape)\(style.rawValue)m"
    for character in text {
      switch character {
      case WrappedJSON.aside.opening: coloured += "\(escape)0;2m\(character)"
      case WrappedJSON.aside.closing: coloured += "\(character)\(escape)0;\(style.rawValue)m"
      default: coloured.append(character)
      }
    }
    return coloured + "\(escape)0m"
  }

  private func line(_ text: String) throws(Failure) {
    do {
      isUnread = try !StandardOutput.offer(Array((text + "\n").utf8))
    } catch {
      problem = error
      throw error
    }
    guard !isUnread else { throw .io("nobody reads standard output any more") }
  }
}
