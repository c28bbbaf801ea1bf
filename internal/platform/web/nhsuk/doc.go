// Package nhsuk holds the components of the NHS.UK design system as templ
// components, one to a file, each with a params struct whose fields carry the
// names of nhsuk-frontend's macro options. The HTML is held to nhsuk-frontend's
// own fixtures by a test.
//
// Texts come in already worded. Where a component may hold markup it takes a
// templ.Component (a field called HTML) or templ children, never a string of
// HTML, so everything a person typed is escaped.
//
// It knows nothing of Signpost's pages, people or data.
package nhsuk
