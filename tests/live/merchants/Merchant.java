import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A small shop: pays some orders through the provider at ACKORD_PROVIDER_URL, `naive` or `right`. The JDK's own client.
 *
 * The naive one takes a 404, an error or silence for a failure, and pays under a new number at once. The right one waits,
 * asks again, and sends the same number again.
 */
public class Merchant {
    static final String URL = System.getenv("ACKORD_PROVIDER_URL");
    static final Map<String, String> ENDS =
        Map.of("PAID", "paid", "FAILED", "failed", "DECLINED", "failed", "CANCELLED", "failed", "RETURNED", "failed");
    static final Pattern STATUS = Pattern.compile("\"status\"\\s*:\\s*\"(\\w+)\"");
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** The answer's code, the order's status in it, and how long to wait; 0: nothing came that can be read. */
    record Answer(int code, String status, long retryAfterMs) {
        boolean taken() {
            return code == 200 || code == 202;
        }

        boolean ends() {
            return ENDS.containsKey(status);
        }
    }

    static Answer call(HttpRequest.Builder request, String path) {
        try {
            var sent = request.uri(URI.create(URL + path)).timeout(Duration.ofSeconds(1))
                .header("Authorization", "Bearer sk_main").header("Content-Type", "application/json").build();
            var answer = CLIENT.send(sent, BodyHandlers.ofString());
            var found = STATUS.matcher(answer.body());
            var status = answer.statusCode() < 300 && found.find() ? found.group(1) : "";
            var retryAfter = answer.headers().firstValueAsLong("Retry-After").orElse(0);
            return new Answer(answer.statusCode(), status, 1000 * retryAfter);
        } catch (Exception e) {
            return new Answer(0, "", 0);
        }
    }

    static Answer submit(int order, String number) {
        var body = String.format(
            "{\"order_no\": \"%s\", \"amount\": %d, \"currency\": \"EUR\", \"payee\": \"payee-%d\"}", number, 100 + order, order);
        return call(HttpRequest.newBuilder().POST(BodyPublishers.ofString(body)), "/v1/orders");
    }

    static Answer query(String number) {
        return call(HttpRequest.newBuilder().GET(), "/v1/orders/" + number);
    }

    static void say(String number, String outcome) {
        System.out.println("order " + number + ": " + outcome);
    }

    static Void payNaive(int order) throws InterruptedException {
        for (int attempt = 1; attempt <= 3; attempt++) {
            var number = String.format("shop-%04d-%d", order, attempt);
            var answer = submit(order, number);
            while (answer.taken() && !answer.ends()) {
                answer = query(number);
                Thread.sleep(200);
            }
            var outcome = ENDS.getOrDefault(answer.status(), "failed");
            say(number, outcome);
            if (outcome.equals("paid")) break;
        }
        return null;
    }

    static Void payRight(int order) throws InterruptedException {
        var number = String.format("shop-%04d-1", order);
        var deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        long waitMs = 50;
        var answer = submit(order, number);
        while (!answer.ends() && System.nanoTime() < deadline) {
            Thread.sleep(Math.max(waitMs, answer.retryAfterMs()));
            waitMs = Math.min(2 * waitMs, 2000);
            // Not found, an error, silence: none of them says that it failed, and the number makes it safe to repeat.
            answer = answer.taken() ? query(number) : submit(order, number);
        }
        say(number, ENDS.getOrDefault(answer.status(), "open"));
        return null;
    }

    public static void main(String[] arguments) throws Exception {
        boolean naive = arguments[0].equals("naive");
        int orders = Integer.parseInt(arguments[1]);
        var pool = Executors.newFixedThreadPool(orders);
        List<Callable<Void>> work = IntStream.rangeClosed(1, orders)
            .<Callable<Void>>mapToObj(order -> () -> naive ? payNaive(order) : payRight(order)).toList();
        for (var done : pool.invokeAll(work)) done.get();
        pool.shutdown();
    }
}
