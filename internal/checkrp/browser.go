package checkrp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"signpost/internal/platform/fetch"
)

// What one browser does at most.
const (
	maxRedirects = 15
	maxWaits     = 8 // of a second each, when a site says that too many requests come
	pageTime     = 30 * time.Second
)

var errLoop = errors.New("redirected too often")

// browser is one person's browser: it keeps cookies and follows redirects. It runs no scripts.
type browser struct {
	fetch *fetch.Client
	timer Timer
	jar   *jar
}

// page is where a browser ended up.
type page struct {
	status int
	url    *url.URL
	header http.Header
	body   string
	next   *url.URL // where it would have been redirected to, had it not been stopped
}

// stop says of a redirect whether not to follow it.
type stop func(from, to *url.URL) bool

func (b *browser) get(ctx context.Context, address string, until stop) (page, error) {
	return b.open(ctx, http.MethodGet, address, nil, nil, until)
}

// open goes to an address and on to wherever that leads. A form is sent as if from the page it is on.
func (b *browser) open(ctx context.Context, method, address string, form url.Values, from *url.URL,
	until stop) (page, error) {
	to, err := url.Parse(address)
	if err != nil {
		return page{}, fmt.Errorf("open %q: %w", address, err)
	}
	for range maxRedirects {
		p, err := b.patiently(ctx, method, to, form, from)
		if err != nil {
			return page{}, err
		}
		p.next, err = p.leadsTo()
		if err != nil || p.next == nil || until != nil && until(to, p.next) {
			return p, err
		}
		if p.status != http.StatusTemporaryRedirect && p.status != http.StatusPermanentRedirect {
			method = http.MethodGet
			form = nil
		}
		to = p.next
		from = nil
	}
	return page{}, fmt.Errorf("open %q: %w", address, errLoop)
}

// patiently asks again after a while where a site says that too many requests come.
func (b *browser) patiently(ctx context.Context, method string, to *url.URL, form url.Values,
	from *url.URL) (page, error) {
	for range maxWaits {
		p, err := b.once(ctx, method, to, form, from)
		if err != nil || p.status != http.StatusTooManyRequests {
			return p, err
		}
		if err := b.timer.Wait(ctx, time.Second); err != nil {
			return page{}, err
		}
	}
	return page{}, fmt.Errorf("open %q: it keeps answering 429, too many requests", to)
}

func (b *browser) once(ctx context.Context, method string, to *url.URL, form url.Values, from *url.URL) (page, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	req, err := b.request(ctx, method, to, form, from)
	if err != nil {
		return page{}, err
	}
	res, err := b.fetch.HTTP().Transport.RoundTrip(req)
	if err != nil {
		return page{}, fmt.Errorf("open %q: %w", to, err)
	}
	defer res.Body.Close()
	b.jar.set(to, res.Cookies())
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return page{}, fmt.Errorf("open %q: %w", to, err)
	}
	return page{status: res.StatusCode, url: to, header: res.Header, body: string(body)}, nil
}

func (b *browser) request(ctx context.Context, method string, to *url.URL, form url.Values,
	from *url.URL) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("open %q: %w", to, err)
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Sec-Fetch-Site", "none")
	if from != nil {
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("Referer", from.String())
		req.Header.Set("Origin", from.Scheme+"://"+from.Host)
	}
	for _, c := range b.jar.of(to) {
		req.AddCookie(c)
	}
	return req, nil
}

// leadsTo is where a page redirects to, or goes on to by itself, or nil.
func (p page) leadsTo() (*url.URL, error) {
	location := refreshOf(p.body)
	if p.status >= 300 && p.status <= 399 {
		location = p.header.Get("Location")
	}
	if location == "" {
		return nil, nil // a page that leads nowhere is no error
	}
	to, err := p.url.Parse(location)
	if err != nil {
		return nil, fmt.Errorf("%s redirects to %q: %w", p.url, location, err)
	}
	return to, nil
}

// jar keeps a browser's cookies. As browsers do, and unlike the library's, it sends Secure cookies to this
// machine over plain HTTP too. It remembers what it was given, so that a browser can be copied.
type jar struct {
	inner   *cookiejar.Jar
	history []cookies
}

// cookies holds those that one answer set.
type cookies struct {
	from *url.URL
	list []*http.Cookie
}

func newJar() *jar {
	inner, _ := cookiejar.New(nil) // it never fails
	return &jar{inner: inner}
}

// copied is a jar with the same cookies, as somebody who stole them has.
func (j *jar) copied() *jar {
	other := newJar()
	for _, c := range j.history {
		other.set(c.from, c.list)
	}
	return other
}

func (j *jar) set(from *url.URL, list []*http.Cookie) {
	if len(list) == 0 {
		return
	}
	j.history = append(j.history, cookies{from, list})
	j.inner.SetCookies(trusted(from), list)
}

func (j *jar) of(to *url.URL) []*http.Cookie { return j.inner.Cookies(trusted(to)) }

// trusted is the address as the library must see it to send Secure cookies.
func trusted(u *url.URL) *url.URL {
	if !fetch.ThisMachine(u.Hostname()) {
		return u
	}
	safe := *u
	safe.Scheme = "https"
	return &safe
}
