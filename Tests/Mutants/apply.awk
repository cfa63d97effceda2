# SPDX-License-Identifier: Apache-2.0
# Part of Scrip, the stored-value and coupon engine.
#
# Writes the chosen operators' stand-ins into the files, the last of a line first.
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
  file[NR] = $1; line[NR] = $2; column[NR] = $3; length_[NR] = length($4)
  files[$1] = 1
}
END {
  for (path in files) {
    count = 0
    while ((getline text <path) > 0) lines[++count] = text
    close(path)
    # From right to left: a change moves what stands behind it.
    do {
      best = 0
      for (n = 1; n <= NR; n++) {
        if (file[n] == path && !(n in done) && (!best || column[n] > column[best])) best = n
      }
      if (best) {
        done[best] = 1
        text = lines[line[best]]
        lines[line[best]] = substr(text, 1, column[best] - 1) name(best) \
          substr(text, column[best] + length_[best])
      }
    } while (best)
    for (n = 1; n <= count; n++) print lines[n] >path
    close(path)
  }
}
