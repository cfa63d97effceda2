// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import JSON
import LedgerCore

/// The description of the protocol, made from the methods that serve it.
package enum OpenRPC {
  /// The OpenRPC document that `rpc.discover` answers and `spec/openrpc.json` holds.
  package static let description: JSONTree = [
    "openrpc": "1.3.2",
    "info": [
      "title": "Scrip",
      "description": "Stored value for points of sale: JSON-RPC 2.0, one message a line.",
      "version": .string(About.version),
      "license": ["name": "Apache-2.0"],
    ],
    "methods": .array(Method.all.map(describe)),
    "components": [
      "schemas": [
        "Account": account, "Entry": entry,
        "Bonus": object([
          ("amount", integer), ("rule_ids", array(text)), ("coupons", array(["type": "object"])),
        ]),
      ],
      "errors": .object(
        RefusalCode.allCases.map { .init($0.name, Errors.describe($0)) }),
    ],
  ]

  private static func describe(_ method: Method) -> JSONTree {
    [
      "name": .string(method.name),
      "summary": .string(method.summary),
      "paramStructure": "by-name",
      "params": .array(
        method.params.map { param in
          [
            "name": .string(param.name),
            "summary": .string(param.summary),
            "required": .bool(param.isRequired),
            "schema": param.schema.tree,
          ]
        }),
      "result": ["name": "result", "schema": result(of: method)],
      "errors": .array(
        method.refusals.map { ["$ref": .string("#/components/errors/" + $0.name)] }),
    ]
  }

  private static func result(of method: Method) -> JSONTree {
    var fields = method.result
    if method.isMutation { fields.append(.boolean("replayed")) }
    return .object([
      .init("type", "object"),
      .init("properties", .object(fields.map { .init($0.name, schema(of: $0)) })),
    ])
  }

  private static func schema(of field: Method.Field) -> JSONTree {
    let plain = schema(of: field.type)
    return field.mayBeNull ? ["anyOf": [plain, ["type": "null"]]] : plain
  }

  private static func schema(of type: Method.FieldType) -> JSONTree {
    switch type {
    case .text: nullable("string")
    case .integer: integer
    case .boolean: ["type": "boolean"]
    case .object: nullable("object")
    case .array: array([:])
    case .account: ["$ref": "#/components/schemas/Account"]
    case .entry: ["$ref": "#/components/schemas/Entry"]
    case .bonus: ["$ref": "#/components/schemas/Bonus"]
    }
  }

  private static let text: JSONTree = ["type": "string"]
  private static let integer: JSONTree = ["type": "integer"]

  private static func nullable(_ type: String) -> JSONTree {
    ["type": .array([.string(type), "null"])]
  }

  private static func array(_ items: JSONTree) -> JSONTree { ["type": "array", "items": items] }

  private static func object(_ members: [(String, JSONTree)]) -> JSONTree {
    ["type": "object", "properties": .object(members.map { .init($0.0, $0.1) })]
  }

  private static let account = object([
    ("account_id", text), ("card_no", text),
    ("status", ["enum": ["active", "frozen", "lost", "closed"]]),
    ("registered", ["type": "boolean"]), ("holder", nullable("object")),
    ("level", nullable("string")), ("opened_at", text), ("opened_on", text),
    (
      "balance",
      object(
        ["principal", "bonus", "held", "pending", "available", "spendable"].map { ($0, integer) })
    ),
    ("first_day", nullable("object")),
    (
      "lots",
      array(
        object([
          ("lot_id", text), ("kind", ["enum": .array(LotKind.allCases.map { .string($0.name) })]),
          ("granted", integer), ("remaining", integer),
          ("release_per_debit", nullable("integer")), ("expires_at", nullable("string")),
          ("pending", ["type": "boolean"]),
        ]))
    ),
    (
      "pin",
      object([
        ("set", ["type": "boolean"]), ("attempts_left", integer),
        ("locked_until", nullable("string")),
      ])
    ),
  ])

  private static let entry = object([
    ("entry_id", text), ("seq", integer),
    ("kind", ["enum": .array(EntryKind.allCases.map { .string($0.name) })]),
    ("account_id", nullable("string")), ("amount", integer), ("principal", integer),
    ("bonus", integer), ("at", text), ("business_date", text), ("store_id", nullable("string")),
    ("terminal_id", nullable("string")), ("operator_id", nullable("string")),
    ("reason", nullable("string")), ("status", text), ("tender", nullable("string")),
    ("hold_id", nullable("string")), ("program_version", integer),
    ("idempotency_key", nullable("string")), ("links", ["type": "object"]),
  ])
}

/// The catalogue of everything a request may be refused with.
package enum Errors {
  /// The document that `spec/errors.json` holds: refusals in order of precedence.
  package static let catalogue: JSONTree = [
    "transport": [
      ["code": -32700, "name": "parse_error"], ["code": -32600, "name": "invalid_request"],
      ["code": -32601, "name": "method_not_found"], ["code": -32602, "name": "invalid_params"],
      ["code": -32603, "name": "internal_error"],
    ],
    "refusals": .array(RefusalCode.allCases.map(describe)),
  ]

  static func describe(_ code: RefusalCode) -> JSONTree {
    [
      "code": .integer(Int64(code.rawValue)), "message": .string(code.message),
      "data": [
        "code": .string(code.name), "category": .string(code.category),
        "retryable": .bool(code.isRetryable),
      ],
    ]
  }
}
