// Command signpost is the whole of Signpost in one program; see `signpost --help`.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"signpost/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := app.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
