# SPDX-License-Identifier: Apache-2.0
# Part of Scrip, the stored-value and coupon engine.
#
# Lists the operators of Swift files that could be changed: file, line, column, what it is, what it
# becomes. Comments and strings are left alone, and so are lines where an operator may be no function.
BEGIN {
  to[" < "] = "<="; to[" <= "] = "<"; to[" > "] = ">="; to[" >= "] = ">"
  to[" == "] = "!="; to[" != "] = "=="; to[" + "] = "-"; to[" - "] = "+"
  to[" && "] = "||"; to[" || "] = "&&"; to[" += "] = "-="; to[" -= "] = "+="; to[" * "] = "+"
}
/^ *\/\// || / func [^ ]* *\(/ || /nil/ || /operator / || /"""/ || /^#/ { next }
{
  for (operator in to) {
    start = 1
    while ((found = index(substr($0, start), operator)) > 0) {
      column = start + found
      before = substr($0, 1, column - 1)
      start = column + 1
      quotes = gsub(/"/, "\"", before)
      if (quotes % 2 == 0 && index(before, "//") == 0) {
        name = substr(operator, 2, length(operator) - 2)
        print FILENAME "\t" FNR "\t" column "\t" name "\t" to[operator]
      }
    }
  }
}
