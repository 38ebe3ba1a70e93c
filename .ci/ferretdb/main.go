// A server for tests that speaks MongoDB's protocol: FerretDB on its SQLite backend, with a gate before it.
//
// Usage: ferretdb PID [FOLDER PORT]. Prints its URL, and lives as long as the process PID does, or until nobody has been
// connected for half an hour. Without FOLDER, it takes a free port, and its data goes when it ends.
//
// The gate: MongoDB promises that an update of one document is atomic. FerretDB 1.24 reads and writes in two steps, so
// that of three clients that make the same compare-and-set at once, mostly more than one is told that it won. The gate
// lets one writing command in at a time, which gives the promise back.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
)

const lonely = 30 * time.Minute

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 && len(os.Args) != 4 {
		return fmt.Errorf("usage: ferretdb PID [FOLDER PORT]")
	}
	parent, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "padron-ferretdb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	folder, port := temporary, "0"
	if len(os.Args) == 4 {
		folder, port = os.Args[2], os.Args[3]
	}

	inner := filepath.Join(temporary, "ferretdb.sock")
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: inner},
		Handler:   "sqlite",
		SQLiteURL: "file:" + filepath.ToSlash(folder) + "/?_pragma=synchronous(off)",
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		return err
	}
	outer, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	fmt.Printf("mongodb://%s/\n", outer.Addr())

	ctx, stop := context.WithCancel(context.Background())
	gate := &gate{inner: inner}
	gate.touch()
	go gate.accept(outer)
	go func() {
		for gate.idle() < lonely && syscall.Kill(parent, 0) == nil {
			time.Sleep(300 * time.Millisecond)
		}
		stop()
	}()
	return server.Run(ctx)
}

type gate struct {
	inner  string
	writes sync.Mutex
	used   atomic.Int64
}

func (g *gate) touch()              { g.used.Store(time.Now().UnixNano()) }
func (g *gate) idle() time.Duration { return time.Since(time.Unix(0, g.used.Load())) }

func (g *gate) accept(outer net.Listener) {
	for {
		client, err := outer.Accept()
		if err != nil {
			return
		}
		go g.serve(client)
	}
}

// Passes on one request and its answer after the other, as drivers do on a connection.
func (g *gate) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("unix", g.inner)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer server.Close()
	for {
		request, err := message(client)
		if err != nil {
			return
		}
		g.touch()
		answer, err := g.exchange(server, request)
		if err != nil {
			return
		}
		if _, err := client.Write(answer); err != nil {
			return
		}
	}
}

func (g *gate) exchange(server net.Conn, request []byte) ([]byte, error) {
	switch command(request) {
	case "insert", "update", "delete", "findAndModify":
		g.writes.Lock()
		defer g.writes.Unlock()
	}
	if _, err := server.Write(request); err != nil {
		return nil, err
	}
	return message(server)
}

// A message of the wire protocol begins with its own length.
func message(from io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(head)
	if length < 16 || length > 64<<20 {
		return nil, fmt.Errorf("a message of %d bytes", length)
	}
	all := make([]byte, length)
	copy(all, head)
	_, err := io.ReadFull(from, all[4:])
	return all, err
}

// The command of an OP_MSG: header (16 bytes), flags (4), kind of section (1), then a document: its length (4), and the
// type (1) and name of its first member.
func command(message []byte) string {
	const opMsg = 2013
	if len(message) < 27 || binary.LittleEndian.Uint32(message[12:]) != opMsg {
		return ""
	}
	name, _, _ := strings.Cut(string(message[26:min(len(message), 58)]), "\x00")
	return name
}
