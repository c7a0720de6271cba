/*
 * The model provider behind every gateway of the peer bench: a single-threaded HTTP/1.1 server that does almost nothing,
 * so that what is measured is the gateway. It is in C because a server in JavaScript would be the bottleneck.
 *
 *   mock-upstream PORT
 *
 * Every request is answered as a chat completion. Without "stream":true: about 1 KB of JSON. With it, the model "m-N-D"
 * streams N events, D milliseconds apart (0: as fast as the socket takes them, each in a write of its own), then the usage
 * chunk if "include_usage":true is asked for, then [DONE].
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_BYTES = 65536, PENDING_BYTES = 4096, EVENTS_PER_WAIT = 256, BACKLOG = 1024 };

typedef struct connection {
  int descriptor;
  size_t input_length;
  size_t pending_length; /* bytes that the socket did not take yet */
  bool streaming;
  bool reports_usage;
  int events_left;
  int delay_milliseconds;
  long long due; /* nanoseconds, when the next event leaves */
  struct connection *previous_stream, *next_stream;
  char pending[PENDING_BYTES];
  char input[INPUT_BYTES];
} connection;

static int poller;
static connection *streams; /* those that are streaming */
static char whole_answer[4096];
static size_t whole_answer_length;

static const char *stream_head =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: mock\r\ntransfer-encoding: chunked\r\n\r\n";
static const char *content_event =
    "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"sixteen letters \"},\"finish_reason\":null}]}\n\n";
static const char *usage_event =
    "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\","
    "\"choices\":[],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":200,\"total_tokens\":400}}\n\n";

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void watch(connection *client) {
  struct epoll_event event = {.events = EPOLLIN | (client->pending_length ? EPOLLOUT : 0), .data.ptr = client};
  epoll_ctl(poller, EPOLL_CTL_MOD, client->descriptor, &event);
}

static void stop_streaming(connection *client) {
  if (!client->streaming) return;
  client->streaming = false;
  if (client->previous_stream) client->previous_stream->next_stream = client->next_stream;
  else streams = client->next_stream;
  if (client->next_stream) client->next_stream->previous_stream = client->previous_stream;
}

/* False when the connection is broken. What the socket does not take is kept and sent when it is writable. */
static bool send_bytes(connection *client, const char *bytes, size_t length) {
  ssize_t sent = 0;
  if (client->pending_length == 0) {
    sent = write(client->descriptor, bytes, length);
    if (sent == (ssize_t)length) return true;
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent < 0) sent = 0;
  }
  size_t rest = length - sent;
  if (client->pending_length + rest > PENDING_BYTES) return false;
  memcpy(client->pending + client->pending_length, bytes + sent, rest);
  client->pending_length += rest;
  watch(client);
  return true;
}

static bool flush_pending(connection *client) {
  if (client->pending_length == 0) return true;
  ssize_t sent = write(client->descriptor, client->pending, client->pending_length);
  if (sent < 0) return errno == EAGAIN;
  client->pending_length -= sent;
  memmove(client->pending, client->pending + sent, client->pending_length);
  if (client->pending_length == 0) watch(client);
  return true;
}

static bool send_chunk(connection *client, const char *text) {
  char chunk[1024];
  int length = snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n", strlen(text), text);
  return send_bytes(client, chunk, length);
}

static bool send_next_event(connection *client) {
  if (client->events_left > 0) {
    client->events_left--;
    client->due += client->delay_milliseconds * 1000000LL;
    return send_chunk(client, content_event);
  }
  stop_streaming(client);
  if (client->reports_usage && !send_chunk(client, usage_event)) return false;
  return send_chunk(client, "data: [DONE]\n\n") && send_bytes(client, "0\r\n\r\n", 5);
}

static bool start_streaming(connection *client, const char *body) {
  client->events_left = 200;
  client->delay_milliseconds = 0;
  const char *model = strstr(body, "\"m-");
  if (model) sscanf(model, "\"m-%d-%d", &client->events_left, &client->delay_milliseconds);
  client->reports_usage = strstr(body, "\"include_usage\":true") != NULL;
  client->due = nanoseconds();
  client->streaming = true;
  client->previous_stream = NULL;
  client->next_stream = streams;
  if (streams) streams->previous_stream = client;
  streams = client;
  return send_bytes(client, stream_head, strlen(stream_head)) && send_next_event(client);
}

/* Length of the first whole request in the input, or 0. `*body` is where its body starts. */
static size_t request_length(connection *client, char **body) {
  char *end_of_head = strstr(client->input, "\r\n\r\n");
  if (!end_of_head) return 0;
  *body = end_of_head + 4;
  *end_of_head = 0; /* searches below stay in the head */
  char *length_header = strcasestr(client->input, "\r\ncontent-length:");
  bool is_chunked = !length_header && strcasestr(client->input, "\r\ntransfer-encoding: chunked");
  size_t length = *body - client->input + (length_header ? strtoul(length_header + 17, NULL, 10) : 0);
  *end_of_head = '\r';
  if (!is_chunked) return length <= client->input_length ? length : 0;
  char *last_chunk = strstr(*body - 2, "\r\n0\r\n\r\n");
  return last_chunk ? (size_t)(last_chunk + 7 - client->input) : 0;
}

/* Answers the requests that have arrived whole; one at a time while a stream runs. False: close the connection. */
static bool answer_requests(connection *client) {
  while (!client->streaming) {
    char *body;
    client->input[client->input_length] = 0;
    size_t length = request_length(client, &body);
    if (length == 0) return client->input_length < INPUT_BYTES - 1;
    char after = client->input[length];
    client->input[length] = 0;
    bool wants_stream = strstr(body, "\"stream\":true") != NULL;
    bool is_open = wants_stream ? start_streaming(client, body) : send_bytes(client, whole_answer, whole_answer_length);
    client->input[length] = after;
    client->input_length -= length;
    memmove(client->input, client->input + length, client->input_length);
    if (!is_open) return false;
  }
  return true;
}

static void close_connection(connection *client) {
  stop_streaming(client);
  close(client->descriptor);
  free(client);
}

static bool receive(connection *client) {
  ssize_t received = read(client->descriptor, client->input + client->input_length, INPUT_BYTES - 1 - client->input_length);
  if (received < 0 && errno == EAGAIN) return true;
  if (received <= 0) return false;
  client->input_length += received;
  return answer_requests(client);
}

static void accept_connections(int listener) {
  int descriptor;
  while ((descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    connection *client = calloc(1, sizeof *client);
    if (!client) exit(1);
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    client->descriptor = descriptor;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
  }
}

/* Sends what is due, one event for each stream. */
static void send_due_events(void) {
  long long now = nanoseconds();
  connection *next;
  for (connection *client = streams; client; client = next) {
    next = client->next_stream;
    if (client->pending_length > 0 || client->due > now) continue;
    bool is_open = send_next_event(client);
    if (is_open && !client->streaming) is_open = answer_requests(client);
    if (!is_open) close_connection(client);
  }
}

/* Milliseconds until the next event is due, rounded up; -1 when nothing streams or all wait for their sockets. */
static int wait_time(void) {
  long long earliest = -1;
  for (connection *client = streams; client; client = client->next_stream)
    if (client->pending_length == 0 && (earliest < 0 || client->due < earliest)) earliest = client->due;
  if (earliest < 0) return -1;
  long long rest = earliest - nanoseconds();
  return rest <= 0 ? 0 : (int)((rest + 999999) / 1000000);
}

static void prepare_whole_answer(void) {
  char body[2048], text[700];
  memset(text, 'x', sizeof text - 1);
  for (size_t index = 7; index < sizeof text - 1; index += 8) text[index] = ' ';
  text[sizeof text - 1] = 0;
  int length = snprintf(
      body, sizeof body,
      "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{"
      "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\",\"refusal\":null},\"logprobs\":null,"
      "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":120,\"total_tokens\":320},"
      "\"system_fingerprint\":\"fp_mock\"}",
      text);
  whole_answer_length = snprintf(
      whole_answer, sizeof whole_answer,
      "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: mock\r\ncontent-length: %d\r\n\r\n%s", length, body);
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, BACKLOG)) {
    perror("mock-upstream");
    exit(2);
  }
  return listener;
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: mock-upstream PORT\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  prepare_whole_answer();
  int listener = listen_on(atoi(arguments[1]));
  poller = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, ready[EVENTS_PER_WAIT];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready_count = epoll_wait(poller, ready, EVENTS_PER_WAIT, wait_time());
    for (int index = 0; index < ready_count; index++) {
      connection *client = ready[index].data.ptr;
      if (!client) {
        accept_connections(listener);
        continue;
      }
      bool is_open = flush_pending(client);
      if (is_open && (ready[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) is_open = receive(client);
      if (!is_open) close_connection(client);
    }
    send_due_events();
  }
}
