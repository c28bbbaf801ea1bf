package tries

// Trim is trim, for tests with few tries.
var Trim = trim
