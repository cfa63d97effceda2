// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

// Swift imports neither variadic C functions nor the cast macros SQLITE_STATIC and
// SQLITE_TRANSIENT; this header spells out the few forms the SQLite target calls, and what its own
// VFS needs of the system.

#ifndef SCRIP_CSQLITE_SHIM_H
#define SCRIP_CSQLITE_SHIM_H

#include <sqlite3.h>
#include <sys/types.h>

#if SQLITE_VERSION_NUMBER < 3037000
#error "SQLite 3.37.0 or later is needed (SQLITE_OPEN_EXRESCODE, sqlite3_changes64)"
#endif

// Linux's own, so <fcntl.h> shows it to GNU sources alone.
extern int sync_file_range(int descriptor, __off64_t start, __off64_t count, unsigned int flags);

/// Has the kernel begin to write what of a file is not on the disk yet, and waits for nothing.
static inline int csqlite_begin_writing(int descriptor) {
  return sync_file_range(descriptor, 0, 0, 2 /* SYNC_FILE_RANGE_WRITE */);
}

/// The same for a part of a file.
static inline int csqlite_begin_writing_part(int descriptor, long long start, long long count) {
  return sync_file_range(descriptor, start, count, 2 /* SYNC_FILE_RANGE_WRITE */);
}

/// Turns the allocation statistics off: with them on, every allocation of every connection
/// takes one process-wide mutex. Works only before the library's first use.
static inline int csqlite_config_no_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// Sets one of the on/off options of SQLITE_DBCONFIG_*.
static inline int csqlite_db_config_switch(sqlite3 *db, int option, int on) {
  return sqlite3_db_config(db, option, on, (int *)0);
}

/// Binds bytes that SQLite copies before it returns.
static inline int csqlite_bind_blob_copied(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}

/// Binds bytes that the caller keeps alive and unchanged until it binds something else.
static inline int csqlite_bind_blob_borrowed(
    sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
  return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_STATIC);
}

/// Binds UTF-8 text that SQLite copies before it returns; it needs no terminator.
static inline int csqlite_bind_text_copied(
    sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 count) {
  return sqlite3_bind_text64(statement, index, text, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

#endif
