package mailroom

// Returned is returned.
var Returned = returned
