// Package directory keeps the services that patients can be sent to: what and where they are, when they
// are open, how much capacity they have today, and who changed what.
//
// It does not rank or choose services; package search does.
package directory
