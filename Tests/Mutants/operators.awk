# SPDX-License-Identifier: Apache-2.0
# Part of Scrip, the stored-value and coupon engine.
#
# Declares the operators that stand for the chosen ones of a module.
function name(number, bits, bit) {
  bits = ""
  for (bit = 0; bit < 10; bit++) {
    bits = (number % 2 ? "^" : "~") bits
    number = int(number / 2)
  }
  return "<" bits
}
BEGIN {
  FS = "\t"
  print "import Glibc"
  if (module != "LedgerCore") print "import LedgerCore"
  print "private let mutant = getenv(\"SCRIP_MUTANT\").flatMap { Int(String(cString: $0)) } ?? 0"
}
function declare(precedence, signature, body) {
  print "infix operator " me ": " precedence
  print "func " me " " signature " {"
  print "  mutant == " n " ? " sprintf(body, $6) " : " sprintf(body, $5)
  print "}"
}
{
  n = $1
  me = name(n)
  if ($5 == "<" || $5 == "<=" || $5 == ">" || $5 == ">=") {
    declare("ComparisonPrecedence", "<T: Comparable>(a: T, b: T) -> Bool", "a %s b")
  } else if ($5 == "==" || $5 == "!=") {
    declare("ComparisonPrecedence", "<T: Equatable>(a: T, b: T) -> Bool", "a %s b")
  } else if ($5 == "&&" || $5 == "||") {
    precedence = $5 == "&&" ? "LogicalConjunctionPrecedence" : "LogicalDisjunctionPrecedence"
    declare(precedence, "(a: Bool, b: @autoclosure () -> Bool) -> Bool", "a %s b()")
  } else if ($5 == "+=" || $5 == "-=") {
    declare("AssignmentPrecedence", "<T: FixedWidthInteger>(a: inout T, b: T)", "(a %s b)")
    print "func " me "(a: inout Amount, b: Amount) {"
    print "  mutant == " n " ? (a " $6 " b) : (a " $5 " b)"
    print "}"
  } else {
    precedence = $5 == "*" ? "MultiplicationPrecedence" : "AdditionPrecedence"
    declare(precedence, "<T: FixedWidthInteger>(a: T, b: T) -> T", "a %s b")
    if ($5 != "*") {
      print "func " me "(a: Amount, b: Amount) -> Amount {"
      print "  mutant == " n " ? a " $6 " b : a " $5 " b"
      print "}"
    }
  }
}
