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
  while ((getline line <all) > 0) number[line] = ++total
  print "import Glibc"
  if (module != "LedgerCore") print "import LedgerCore"
  print "private let mutant = getenv(\"SCRIP_MUTANT\").flatMap { Int(String(cString: $0)) } ?? 0"
}
function declare(precedence, signature, body) {
  print "infix operator " me ": " precedence
  print "func " me " " signature " {"
  print "  mutant == " n " ? " sprintf(body, $5) " : " sprintf(body, $4)
  print "}"
}
{
  n = number[$0]
  me = name(n)
  if ($4 == "<" || $4 == "<=" || $4 == ">" || $4 == ">=") {
    declare("ComparisonPrecedence", "<T: Comparable>(a: T, b: T) -> Bool", "a %s b")
  } else if ($4 == "==" || $4 == "!=") {
    declare("ComparisonPrecedence", "<T: Equatable>(a: T, b: T) -> Bool", "a %s b")
  } else if ($4 == "&&" || $4 == "||") {
    precedence = $4 == "&&" ? "LogicalConjunctionPrecedence" : "LogicalDisjunctionPrecedence"
    declare(precedence, "(a: Bool, b: @autoclosure () -> Bool) -> Bool", "a %s b()")
  } else if ($4 == "+=" || $4 == "-=") {
    declare("AssignmentPrecedence", "<T: FixedWidthInteger>(a: inout T, b: T)", "(a %s b)")
    print "func " me "(a: inout Amount, b: Amount) {"
    print "  mutant == " n " ? (a " $5 " b) : (a " $4 " b)"
    print "}"
  } else {
    precedence = $4 == "*" ? "MultiplicationPrecedence" : "AdditionPrecedence"
    declare(precedence, "<T: FixedWidthInteger>(a: T, b: T) -> T", "a %s b")
    if ($4 != "*") {
      print "func " me "(a: Amount, b: Amount) -> Amount {"
      print "  mutant == " n " ? a " $5 " b : a " $4 " b"
      print "}"
    }
  }
}
