package db

import "errors"

// ErrUnique is a row that would be a second one where there may be one. What was absent is
// fault.NotFound.
var ErrUnique = errors.New("already there")
