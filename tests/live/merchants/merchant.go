// A small shop: pays some orders through the provider at ACKORD_PROVIDER_URL, `naive` or `right`. Go's own client, no modules.
//
// The naive one takes a 404, an error or silence for a failure, and pays under a new number at once. The right one
// waits, asks again, and sends the same number again.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	url    = os.Getenv("ACKORD_PROVIDER_URL")
	client = http.Client{Timeout: time.Second}
	ends   = map[string]string{"PAID": "paid", "FAILED": "failed", "DECLINED": "failed", "CANCELLED": "failed", "RETURNED": "failed"}
)

// answer is its code, the order's status in it, and how long to wait; 0: nothing came that can be read.
type answer struct {
	code       int
	status     string
	retryAfter time.Duration
}

func (a answer) taken() bool { return a.code == 200 || a.code == 202 }

func (a answer) outcome(otherwise string) string {
	if outcome, ended := ends[a.status]; ended {
		return outcome
	}
	return otherwise
}

func call(method, path, body string) answer {
	request, err := http.NewRequest(method, url+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", "Bearer sk_main")
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return answer{}
	}
	defer response.Body.Close()
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	found := answer{code: response.StatusCode, retryAfter: time.Duration(seconds) * time.Second}
	if found.code < 300 {
		var document struct{ Status string }
		if json.NewDecoder(response.Body).Decode(&document) != nil {
			return answer{}
		}
		found.status = document.Status
	}
	return found
}

func submit(order int, number string) answer {
	body := fmt.Sprintf(`{"order_no": %q, "amount": %d, "currency": "EUR", "payee": "payee-%d"}`, number, 100+order, order)
	return call("POST", "/v1/orders", body)
}

func query(number string) answer { return call("GET", "/v1/orders/"+number, "") }

func say(number, outcome string) { fmt.Printf("order %s: %s\n", number, outcome) }

func longer(a, b time.Duration) time.Duration {
	if a > b {
		return a
	}
	return b
}

func payNaive(order int) {
	for attempt := 1; attempt <= 3; attempt++ {
		number := fmt.Sprintf("shop-%04d-%d", order, attempt)
		told := submit(order, number)
		for told.taken() && told.outcome("") == "" {
			told = query(number)
			time.Sleep(200 * time.Millisecond)
		}
		outcome := told.outcome("failed")
		say(number, outcome)
		if outcome == "paid" {
			return
		}
	}
}

func payRight(order int) {
	number := fmt.Sprintf("shop-%04d-1", order)
	wait, deadline := 50*time.Millisecond, time.Now().Add(time.Minute)
	told := submit(order, number)
	for told.outcome("") == "" && time.Now().Before(deadline) {
		time.Sleep(longer(wait, told.retryAfter))
		if wait < 2*time.Second {
			wait *= 2
		}
		if told.taken() {
			told = query(number)
		} else { // not found, an error, silence: none of them says that it failed, and the number makes it safe to repeat
			told = submit(order, number)
		}
	}
	say(number, told.outcome("open"))
}

func main() {
	pay := map[string]func(int){"naive": payNaive, "right": payRight}[os.Args[1]]
	orders, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	var all sync.WaitGroup
	for order := 1; order <= orders; order++ {
		all.Add(1)
		go func(order int) {
			defer all.Done()
			pay(order)
		}(order)
	}
	all.Wait()
}
