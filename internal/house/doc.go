// Package house holds no code: its tests keep the tree as docs/design.md draws it, so that a room can
// be trusted to be what it says. They are about who may import whom, where the clock and chance may be
// asked, and where the SQL of a table may stand.
package house
