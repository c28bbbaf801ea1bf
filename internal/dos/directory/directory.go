// Package directory keeps the services that patients can be sent to: what and where they are, when they
// are open, what they can take today, and who changed what.
//
// It does not rank or choose services; search does.
package directory
