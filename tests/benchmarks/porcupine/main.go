// Checks the orders of tests/benchmarks/audit.py with Porcupine, and prints CPU seconds, orders that are not
// linearizable, and orders. A line of the file is `order begin end writes rank`; rank 0: not found, -1: no status.
//
// The model is a status that never loses rank: what acknowledged-order-visible and status-never-regresses ask for.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"syscall"

	"github.com/anishathalye/porcupine"
)

var model = porcupine.Model{
	Init: func() interface{} { return 0 },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		known, seen := state.(int), output.(int)
		if seen < 0 {
			return true, known
		}
		return seen >= known, seen
	},
	Equal: func(one, other interface{}) bool { return one == other },
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	seconds := func(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return seconds(used.Utime) + seconds(used.Stime)
}

func main() {
	runtime.GOMAXPROCS(1)
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	began := cpuSeconds()
	orders := map[string][]porcupine.Operation{}
	var names []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var order string
		var begin, end int64
		var writes, rank int
		if _, err := fmt.Sscanf(lines.Text(), "%s %d %d %d %d", &order, &begin, &end, &writes, &rank); err != nil {
			panic(err)
		}
		if orders[order] == nil {
			names = append(names, order)
		}
		orders[order] = append(orders[order], porcupine.Operation{ClientId: len(orders[order]), Input: writes, Call: begin, Output: rank, Return: end})
	}
	read := cpuSeconds()
	wrong := 0
	for _, name := range names {
		if !porcupine.CheckOperations(model, orders[name]) {
			wrong++
		}
	}
	done := cpuSeconds()
	fmt.Printf("%.3f %d of %d orders are not linearizable (reading the file: %.3f CPU-s, not counted)\n", done-read, wrong, len(names), read-began)
}
