// Package browser names browsers for people, by what they say of themselves.
package browser

import "strings"

// The names of browsers and systems, in the order in which they are looked for: each browser's User-Agent also
// contains the names of the browsers that it descends from.
var (
	browsers = []struct{ mark, name string }{
		{"Edg", "Microsoft Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"},
		{"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"},
	}
	systems = []struct{ mark, name string }{
		{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"},
		{"CrOS", "ChromeOS"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
	}
)

// Name returns the family of a browser, such as "Microsoft Edge, Windows", from its User-Agent, or an empty
// text. It only helps people to recognise what they used. Nothing is decided by it.
func Name(userAgent string) string {
	var names []string
	for _, list := range [][]struct{ mark, name string }{browsers, systems} {
		for _, b := range list {
			if strings.Contains(userAgent, b.mark) {
				names = append(names, b.name)
				break
			}
		}
	}
	return strings.Join(names, ", ")
}
