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
	code := command.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
