// lwIP's names, as the server of network-deadlines.cpp.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/select.h>
#include <sys/socket.h>

uint16_t lwip_htons(uint16_t value);
int lwip_socket(int domain, int type, int protocol);
int lwip_close(int socket);
int lwip_fcntl(int socket, int command, int value);
int lwip_connect(int socket, const sockaddr *address, socklen_t lengthBytes);
int lwip_getsockopt(int socket, int level, int name, void *value, socklen_t *lengthBytes);
int lwip_select(int count, fd_set *toRead, fd_set *toWrite, fd_set *failed, timeval *within);
ssize_t lwip_send(int socket, const void *bytes, size_t lengthBytes, int flags);
ssize_t lwip_recv(int socket, void *into, size_t capacityBytes, int flags);
