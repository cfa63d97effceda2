# SPDX-License-Identifier: Apache-2.0
# Part of Scrip, the stored-value and coupon engine.
#
# Writes the chosen operators' stand-ins into copies of the files.
function name(number, bits, bit) {
  bits = ""
  for (bit = 0; bit < 10; bit++) {
    bits = (number % 2 ? "^" : "~") bits
    number = int(number / 2)
  }
  return "<" bits
}
BEGIN { FS = "\t" }
{
  number[NR] = $1; file[NR] = $2; line[NR] = $3; column[NR] = $4; size[NR] = length($5)
  files[$2] = 1
}
END {
  for (path in files) {
    count = 0
    while ((getline text <(path ".plain")) > 0) lines[++count] = text
    close(path ".plain")
    # From right to left: a change moves what stands behind it.
    do {
      best = 0
      for (n = 1; n <= NR; n++) {
        if (file[n] == path && !(n in done) && (!best || column[n] > column[best])) best = n
      }
      if (best) {
        done[best] = 1
        text = lines[line[best]]
        lines[line[best]] = substr(text, 1, column[best] - 1) name(number[best]) \
          substr(text, column[best] + size[best])
      }
    } while (best)
    for (n = 1; n <= count; n++) print lines[n] >(path ".new")
    close(path ".new")
  }
}
