// Command signpost is the whole of Signpost in one program; see `signpost --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"signpost/internal/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := command.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	os.Exit(code)
}
