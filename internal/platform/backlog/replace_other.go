//go:build !linux

package backlog

import "errors"

// replace is not there elsewhere: standard error stays as it is.
func replace(_, _ int) error { return errors.ErrUnsupported }
