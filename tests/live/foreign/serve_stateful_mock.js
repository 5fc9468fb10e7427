// Serves stripe-stateful-mock on a free port of the loopback address and prints the port. Found by NODE_PATH.
const http = require("http");
const { createExpressApp } = require("stripe-stateful-mock");

const server = http.createServer(createExpressApp());
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
