"""The grammar of SOQL, after the SELECT Syntax and Condition Expression pages of the SOQL and SOSL Reference.

`CONDITIONS` and `WORDS` serve SOSL too, whose RETURNING holds the same conditions and orders.
"""

from __future__ import annotations

QUERY = r"""
start: query
// Optional parts are rules of their own: written with brackets here, they would make 1,024 forms of a query,
// and three seconds of grammar.
query: _SELECT items _FROM NAME may_alias related may_scope may_where may_with may_group may_having may_order \
       may_limit may_offset clauses
?may_alias: [alias]
?may_scope: [scope]
?may_with: [with_]
?may_group: [group]
?may_having: [having]
related: ("," NAME alias)*
items: item ("," item)*
item: expression [alias] -> item
    | "(" query ")" -> child
    | _TYPEOF NAME when+ [else_] _END -> typeof
when: _WHEN NAME _THEN names
else_: _ELSE names
names: NAME ("," NAME)*
alias: [_AS] NAME
scope: _USING _SCOPE NAME
with_: _WITH NAME
    | _WITH DATA _CATEGORY category (_AND category)* -> category_filter
category: NAME NAME (NAME | "(" names ")")
group: _GROUP _BY expression ("," expression)*
having: _HAVING condition
clauses: clause*
clause: _FOR (VIEW | REFERENCE | UPDATE) | _UPDATE (TRACKING | VIEWSTAT) | ALL _ROWS
"""
CONDITIONS = r"""
?may_where: [where]
?may_order: [order]
?may_limit: [limit]
?may_offset: [offset]
where: _WHERE condition
?condition: unary | conjunction | disjunction
conjunction: unary (_AND unary)+
disjunction: unary (_OR unary)+
?unary: comparison | negation | "(" condition ")"
negation: _NOT unary
comparison: expression OPERATOR literal -> compare
    | expression _LIKE literal -> like
    | expression _IN values -> within
    | expression _NOT _IN values -> without
    | expression _INCLUDES values -> includes
    | expression _EXCLUDES values -> excludes
    | expression _IN "(" query ")" -> semi
    | expression _NOT _IN "(" query ")" -> anti
values: "(" literal ("," literal)* ")"
?expression: NAME | call
call: NAME "(" [argument ("," argument)*] ")"
?argument: expression | NUMBER -> number | STRING -> text
literal: STRING -> text
    | DATETIME -> moment
    | DATE -> day
    | TIME -> time
    | NUMBER -> number
    | CURRENCY -> currency
    | RANGE -> name
    | TRUE -> true
    | FALSE -> false
    | NULL -> null
    | NAME -> name
order: _ORDER _BY key ("," key)*
key: expression [direction] [nulls]
direction: ASC | DESC
nulls: _NULLS (FIRST | LAST)
limit: _LIMIT NUMBER
offset: _OFFSET NUMBER
"""
FOLDED_WORDS = (  # words a rule leaves out of what it yields, and words it keeps
    "SELECT FROM AS USING SCOPE WHERE WITH AND OR NOT LIKE IN INCLUDES EXCLUDES GROUP BY HAVING ORDER NULLS"
    " LIMIT OFFSET FOR UPDATE ROWS TYPEOF WHEN THEN ELSE END CATEGORY"
)
KEPT_WORDS = "ASC DESC FIRST LAST TRUE FALSE NULL VIEW REFERENCE UPDATE TRACKING VIEWSTAT ALL DATA"
WORDS = "\n".join(
    [f'_{word}: "{word}"i' for word in FOLDED_WORDS.split()]
    + [f'{word}: "{word}"i' for word in KEPT_WORDS.split()]
)
TOKENS = r"""
OPERATOR: "=" | "!=" | "<>" | "<=" | ">=" | "<" | ">"
RANGE.2: /[A-Z_]+:[0-9]+/i
CURRENCY.2: /[A-Z]{3}[0-9]+(\.[0-9]+)?(?![A-Z0-9_])/i
NAME: /[A-Z_][A-Z0-9_]*(\.[A-Z_][A-Z0-9_]*)*/i
STRING: /'(?:[^'\\]|\\.)*'/s
DATETIME.3: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/i
DATE.2: /\d{4}-\d\d-\d\d/
TIME.2: /\d\d:\d\d:\d\d(?:\.\d+)?Z/i
NUMBER: /[+-]?[0-9]+(?:\.[0-9]*)?/
%ignore /\s+/
"""
GRAMMAR = "\n".join((QUERY, CONDITIONS, WORDS, TOKENS))

#: Words that can't be aliases. Source: the Reserved Keywords page.
RESERVED_WORDS = (
    "AND ASC DESC EXCLUDES FIRST FROM GROUP HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OR SELECT USING"
    " WHERE WITH"
)
RESERVED = frozenset(RESERVED_WORDS.split())
