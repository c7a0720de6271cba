/*
 * Requests at a steady rate, whatever the answers do: one that comes late delays no other one's start, and its lateness
 * counts. A generator that waits for answers before it asks again (as wrk does) hides a pause: it asks nothing meanwhile.
 *
 *   steady-load PORT RATE SECONDS CONNECTIONS < REQUEST
 *
 * Sends the bytes of REQUEST RATE times a second over kept connections and prints, as JSON: how many were answered with
 * 200, how many failed, and the median and the 99th percentile from the moment when a request was due, in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_BYTES = 65536, REQUEST_BYTES = 65536, MOST_CONNECTIONS = 1024, EVENTS_PER_WAIT = 64 };
/* How long the last answers may take. */
static const long long LAST_NANOSECONDS = 5000000000LL;

typedef struct connection {
  int descriptor;
  long long due; /* when its request should have left; 0 without one */
  size_t length;
  char answer[ANSWER_BYTES + 1];
} connection;

/* Those without a request, the one that waits longest first. */
static connection *idle[MOST_CONNECTIONS];
static size_t idle_first, idle_count;
static char request[REQUEST_BYTES];
static size_t request_length;
static double *times; /* microseconds */
static size_t answered, failed;

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void give_up(const char *what) {
  perror(what);
  exit(1);
}

static connection *open_connection(int port, int poller) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connection *made = calloc(1, sizeof *made);
  int on = 1;
  made->descriptor = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(made->descriptor, (struct sockaddr *)&address, sizeof address) != 0) give_up("connect");
  setsockopt(made->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = made};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, made->descriptor, &event) != 0) give_up("epoll_ctl");
  return made;
}

static void rest(connection *one) { idle[(idle_first + idle_count++) % MOST_CONNECTIONS] = one; }

static connection *wake(void) {
  connection *one = idle[idle_first];
  idle_first = (idle_first + 1) % MOST_CONNECTIONS;
  idle_count--;
  return one;
}

static void send_request(connection *one, long long due) {
  one->due = due;
  one->length = 0;
  if (write(one->descriptor, request, request_length) != (ssize_t)request_length) give_up("write");
}

/* Whether the answer is there to its last byte. */
static bool is_whole(const connection *one) {
  const char *end = strstr(one->answer, "\r\n\r\n");
  const char *length = strcasestr(one->answer, "\r\ncontent-length:");
  if (!end || !length || length > end) return false;
  return one->length >= (size_t)(end + 4 - one->answer) + strtoul(length + 17, NULL, 10);
}

static void receive(connection *one) {
  ssize_t count = read(one->descriptor, one->answer + one->length, ANSWER_BYTES - one->length);
  if (count <= 0) {
    fprintf(stderr, "a connection was closed\n");
    exit(1);
  }
  one->length += count;
  one->answer[one->length] = 0;
  if (!is_whole(one)) return;
  if (strncmp(one->answer, "HTTP/1.1 200 ", 13) != 0) failed++;
  else times[answered++] = (nanoseconds() - one->due) / 1000.0;
  one->due = 0;
  rest(one);
}

static int ascending(const void *a, const void *b) {
  double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

int main(int count, char **arguments) {
  if (count != 5) {
    fprintf(stderr, "usage: steady-load PORT RATE SECONDS CONNECTIONS < REQUEST\n");
    return 2;
  }
  int port = atoi(arguments[1]), width = atoi(arguments[4]);
  double rate = atof(arguments[2]), seconds = atof(arguments[3]);
  if (rate <= 0 || seconds <= 0 || width < 1 || width > MOST_CONNECTIONS) {
    fprintf(stderr, "a rate, a time, and 1 to %d connections are needed\n", MOST_CONNECTIONS);
    return 2;
  }
  request_length = fread(request, 1, sizeof request, stdin);
  size_t total = rate * seconds, due_count = 0, sent = 0;
  times = calloc(total + 1, sizeof *times);
  int poller = epoll_create1(0);
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
  for (int index = 0; index < width; index++) rest(open_connection(port, poller));
  long long began = nanoseconds(), ends = began + (long long)(seconds * 1e9) + LAST_NANOSECONDS;
  while (answered + failed < total && nanoseconds() < ends) {
    long long now = nanoseconds();
    due_count = (now - began) / 1e9 * rate + 1;
    if (due_count > total) due_count = total;
    for (; sent < due_count && idle_count > 0; sent++) send_request(wake(), began + (long long)(sent / rate * 1e9));
    if (sent < total && idle_count > 0) {
      long long next = began + (long long)(sent / rate * 1e9);
      struct itimerspec at = {.it_value = {.tv_sec = next / 1000000000LL, .tv_nsec = next % 1000000000LL}};
      timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
    }
    struct epoll_event events[EVENTS_PER_WAIT];
    int ready = epoll_wait(poller, events, EVENTS_PER_WAIT, 1000);
    for (int index = 0; index < ready; index++) {
      if (events[index].data.ptr) receive(events[index].data.ptr);
      else {
        unsigned long long expirations;
        if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) give_up("timer");
      }
    }
  }
  failed += total - answered - failed;
  qsort(times, answered, sizeof *times, ascending);
  printf("{\"answered\":%zu,\"failed\":%zu,\"p50\":%.0f,\"p99\":%.0f}\n", answered, failed,
         answered ? times[answered / 2] : 0, answered ? times[answered * 99 / 100] : 0);
  return 0;
}
