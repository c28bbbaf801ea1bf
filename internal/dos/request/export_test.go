package request

// SpreadOf is spreadOf.
var SpreadOf = spreadOf
