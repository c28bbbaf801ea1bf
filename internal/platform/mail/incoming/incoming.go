// Package incoming takes mail in by SMTP, for a few addresses of ours and nobody else's: it never passes mail on. The
// organisation's own mail server delivers here, and nobody else may.
//
// A mail is taken once whoever receives it has kept it; until then the server that delivers it keeps it, and comes
// again. The package does not know what is received.
package incoming

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
	"golang.org/x/net/netutil"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail/received"
)

// Arrival is a mail that came for one of our addresses.
type Arrival struct {
	Tag    string // what stands behind the + of the address; empty if there is none
	Return string // the address to which failures are reported; empty for a report itself
	Peer   string // of the server that delivered it
	Mail   received.Mail
}

// Receiver keeps a mail. A fault says why it is not taken, for good; after any other error it comes again.
type Receiver func(ctx context.Context, a Arrival) error

// Options say who may deliver what.
type Options struct {
	Domain    string              // of our addresses
	Receivers map[string]Receiver // by what stands before the @, or before its +
	Networks  []netip.Prefix      // from which mail is taken
	TLS       *tls.Config         // nil for no STARTTLS
	Log       *slog.Logger
}

// Limits on those who deliver.
const (
	maxMessage     = 22 << 20 // bytes: three files, and what encoding adds
	maxRecipients  = 10
	maxConnections = 20
	maxLine        = 16 << 10
	maxPause       = 30 * time.Second // between two lines
	maxDelivery    = 5 * time.Minute  // that a connection lasts
	maxKeeping     = 20 * time.Second // of one mail
)

// Server takes mail in.
type Server struct {
	o      Options
	server *smtp.Server
	socket net.Listener
}

// New makes a server, which listens at no address yet.
func New(o Options) *Server {
	s := &Server{o: o}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = o.Domain
	s.server.TLSConfig = o.TLS
	s.server.MaxMessageBytes = maxMessage
	s.server.MaxRecipients = maxRecipients
	s.server.MaxLineLength = maxLine
	s.server.ReadTimeout = maxPause
	s.server.WriteTimeout = maxPause
	s.server.EnableSMTPUTF8 = true
	s.server.ErrorLog = log.New(lines{o.Log}, "", 0)
	return s
}

// lines writes what the library complains of to our log.
type lines struct{ log *slog.Logger }

// Write writes a line.
func (l lines) Write(line []byte) (int, error) {
	l.log.Debug("mail in", "said", strings.TrimSpace(string(line)))
	return len(line), nil
}

// Listen opens an address. Mail is taken with Serve.
func (s *Server) Listen(ctx context.Context, address string) error {
	socket, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	s.socket = socket
	return nil
}

// Address is where the server listens.
func (s *Server) Address() net.Addr { return s.socket.Addr() }

// Serve takes mail until ctx ends.
func (s *Server) Serve(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = s.server.Close() })
	defer stop()
	err := s.server.Serve(lasting{netutil.LimitListener(&ours{Listener: s.socket, o: s.o}, maxConnections)})
	if ctx.Err() != nil || errors.Is(err, smtp.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("take mail in: %w", err)
}

// Close gives up an address at which no mail was taken.
func (s *Server) Close() error { return s.socket.Close() }

// ours gives the connections of the servers that may deliver. Others are told so and have none of the places, or they
// would keep the organisation's own server out by saying nothing.
type ours struct {
	net.Listener

	o    Options
	told time.Time // when the log last said that somebody was refused
}

const (
	// maxRefusing is how long it may take to tell a stranger that they may not deliver.
	maxRefusing = 100 * time.Millisecond
	// tellEvery is how long the log says nothing more of strangers: they could fill it.
	tellEvery = time.Minute
)

// Accept gives the next connection of a server that may deliver.
func (l *ours) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		peer, err := peerOf(c)
		if err == nil && l.o.takesFrom(peer) {
			return c, nil
		}
		l.refuse(c)
	}
}

// refuse tells a stranger that they may not deliver. Whether they hear it does not matter.
func (l *ours) refuse(c net.Conn) {
	if now := time.Now(); now.Sub(l.told) > tellEvery {
		l.told = now
		l.o.Log.Warn("mail in: a server was refused that is none of mail_in.networks", "peer", c.RemoteAddr().String())
	}
	_ = c.SetWriteDeadline(time.Now().Add(maxRefusing))
	_, _ = io.WriteString(c, "554 5.7.1 Mail is taken from the organisation's own mail server only.\r\n")
	_ = c.Close()
}

// takesFrom reports whether a server may deliver.
func (o Options) takesFrom(peer netip.Addr) bool {
	return slices.ContainsFunc(o.Networks, func(network netip.Prefix) bool { return network.Contains(peer) })
}

func peerOf(c net.Conn) (netip.Addr, error) {
	peer, err := netip.ParseAddrPort(c.RemoteAddr().String())
	return peer.Addr().Unmap(), err
}

// lasting bounds how long a connection lasts, however slowly somebody sends.
type lasting struct{ net.Listener }

// Accept gives the next connection.
func (l lasting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return bounded{c, time.Now().Add(maxDelivery)}, nil
}

// bounded is a connection that ends at a time.
type bounded struct {
	net.Conn

	ends time.Time
}

// SetReadDeadline sets until when something has to come, which is never later than the end of the connection.
func (b bounded) SetReadDeadline(t time.Time) error {
	if t.IsZero() || t.After(b.ends) {
		t = b.ends
	}
	return b.Conn.SetReadDeadline(t)
}

// refused answers for good what is not taken.
func refused(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: words}
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	peer, err := peerOf(c.Conn())
	if err != nil {
		return nil, refused(554, "Nobody knows where you are.")
	}
	return &delivery{server: s, peer: peer.String()}, nil
}

// delivery is one mail on its way in.
type delivery struct {
	server *Server
	peer   string
	sender string
	to     []recipient
}

// recipient is one of our addresses.
type recipient struct {
	receive Receiver
	tag     string
}

// Reset forgets the mail.
func (d *delivery) Reset() {
	d.sender = ""
	d.to = nil
}

// Logout ends the connection.
func (*delivery) Logout() error { return nil }

// Mail begins a mail.
func (d *delivery) Mail(from string, _ *smtp.MailOptions) error {
	d.sender = from
	return nil
}

// Rcpt takes one of our addresses, and no other.
func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	local, domain, _ := strings.Cut(strings.ToLower(to), "@")
	if domain != strings.ToLower(d.server.o.Domain) {
		return refused(550, "Mail to other domains is not passed on.")
	}
	name, tag, _ := strings.Cut(local, "+")
	receive := d.server.o.Receivers[name]
	if receive == nil {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1},
			Message: "There is no such address."}
	}
	d.to = append(d.to, recipient{receive: receive, tag: tag})
	return nil
}

// Data reads the mail and has each of its recipients keep it.
func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := received.Read(raw)
	if err != nil {
		d.server.o.Log.Info("mail in: not readable", "peer", d.peer, "problem", err.Error())
		return refused(554, "This is not a mail that can be read.")
	}
	for _, to := range d.to {
		if err := d.keep(to, l); err != nil {
			return err
		}
	}
	return nil
}

func (d *delivery) keep(to recipient, l received.Mail) error {
	ctx, cancel := context.WithTimeout(context.Background(), maxKeeping)
	defer cancel()
	err := to.receive(ctx, Arrival{Tag: to.tag, Return: d.sender, Peer: d.peer, Mail: l})
	if said, known := fault.From(err); known && !passing(said.Code) {
		d.server.o.Log.Info("mail in: refused", "peer", d.peer, "because", err.Error())
		return refused(550, inASCII(said.Message+" "+said.Cure))
	}
	if err != nil {
		d.server.o.Log.Error("mail in: not kept", "peer", d.peer, "problem", err.Error())
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0},
			Message: "This could not be kept at the moment. Come again."}
	}
	return nil
}

// passing reports whether a mail that is refused now may be taken later.
func passing(code fault.Code) bool {
	return code == fault.Busy || code == fault.Unknown || code == fault.Unavailable
}

// inASCII gives words as an answer of SMTP can have them.
func inASCII(words string) string {
	words = strings.NewReplacer("’", "'", "“", `"`, "”", `"`, "\n", " ").Replace(words)
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, strings.TrimSpace(words))
}
