// A service to measure with: it starts at once, and writes down when what happens, by the monotonic clock.
//   actor NAME serve PORT [MS]   listens after that many milliseconds
//   actor NAME leader PORT       the same; its child ignores TERM
//   actor NAME away PORT         the same; its child has left by setsid and a double fork
//   actor NAME lines COUNT       writes lines of 80 bytes, as fast as they are taken, and THE END
// END_MS: how long it takes to end. NOTES: the folder where NAME has its times.
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void note(const char* name, const char* what) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    char path[4096];
    char text[128];
    snprintf(path, sizeof path, "%s/%s", getenv("NOTES"), name);
    const int size = snprintf(text, sizeof text, "%s %lld%09ld %d\n", what, (long long)now.tv_sec, now.tv_nsec, getpid());
    const int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, text, (size_t)size) != size) _exit(3);
    close(file);
}

static void end(int signal) {
    (void)signal;
    const char* const slow = getenv("END_MS");
    if (slow) usleep((useconds_t)atoi(slow) * 1000);
    _exit(0);
}

static void put(const char* text, size_t size) {
    while (size > 0) {
        const ssize_t done = write(1, text, size);
        if (done <= 0) _exit(4);
        text += done;
        size -= (size_t)done;
    }
}

static void write_lines(const char* name, long count) {
    enum { line = 80, lines = 800 };
    static char buffer[line * lines];
    memset(buffer, 'x', sizeof buffer);
    long number = 0;
    while (number < count) {
        int held = 0;
        for (; held < lines && number < count; ++held, ++number) {
            char* const at = buffer + held * line;
            long rest = number;
            at[0] = '#';
            for (int digit = 9; digit > 0; --digit, rest /= 10) at[digit] = (char)('0' + rest % 10);
            at[10] = ' ';
            at[line - 1] = '\n';
        }
        put(buffer, (size_t)held * line);
    }
    note(name, "written");
    put("THE END\n", 8);
    for (;;) pause();
}

static void stay(void) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    for (;;) pause();
}

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    note(argv[1], "begun");
    signal(SIGTERM, end);
    signal(SIGINT, end);
    if (strcmp(argv[2], "lines") == 0) write_lines(argv[1], atol(argv[3]));
    if (strcmp(argv[2], "leader") == 0 && fork() == 0) stay();
    if (strcmp(argv[2], "away") == 0 && fork() == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        stay();
    }
    if (argc > 4) usleep((useconds_t)atoi(argv[4]) * 1000);
    const int one = 1;
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[3]))};
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr*)&where, sizeof where) != 0 || listen(door, 16) != 0) return 5;
    note(argv[1], "listening");
    put("up\n", 3);
    for (;;) {
        const int caller = accept(door, NULL, NULL);
        if (caller >= 0) close(caller);
    }
}
