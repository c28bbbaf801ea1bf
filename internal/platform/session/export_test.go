package session

// Trim is trim, for tests that do not wait for its job.
var Trim = trim
