/* SPDX-License-Identifier: Apache-2.0
 * Part of Scrip, the stored-value and coupon engine.
 *
 * How a request becomes durable and is answered: engines on one ledger, their folders, tills that
 * ask again, kills and power cuts. README.md says what stands for what; `check` verifies it, and
 * that each of the MUTANT switches below breaks it.
 */

#ifndef KEYS
#define KEYS 3          /* requests, each a debit of 1 on one card, and each with its own key */
#endif
#ifndef FUNDS
#define FUNDS 2         /* what the card holds: one debit must be refused */
#endif
#ifndef KILLS
#define KILLS 1         /* kill -9 of one engine */
#endif
#ifndef CUTS
#define CUTS 1          /* power cuts */
#endif
#define ENGINES 2
#define SLOTS 5         /* places of the journal: one more than any run can need, and 0 unused */
#define ALL ((1 << KEYS) - 1)

#define bit(k) (1 << (k))
#define has(set, k) (((set) >> (k)) & 1)
#define below(n) (bit(n) - 1)

/* journal.db: place s holds request db[s] - 1; 0 is nothing. Bits of `kept`: what of it survives a
 * power cut. */
byte db[SLOTS];
byte kept = 255;

/* journal.db-wal: frame i holds the entry of place base + i + 1; bits of `ends`: the frames that
 * end a group. `written` frames are in the file, the first `synced` of them survive a power cut.
 * `visible` and `copied` (SQLite's mxFrame and nBackfill) stand in shared memory. */
byte frame[SLOTS];
byte ends, base, written, synced;
byte visible, copied;

/* state.db: up to which place the journal is folded into it, and which requests it holds. */
byte head, folded;

/* Who holds journal.lock: an engine's loop (1, 2), its folder (3, 4), nobody (0). */
byte journalLock;

/* The engines: who runs, and what they remember. */
bit hasBegun;            /* the first engine ever to come is called 0 */
bit alive[ENGINES];
bit loopDies[ENGINES], folderDies[ENGINES];
byte position[ENGINES], known[ENGINES];
byte sliceHead[ENGINES], slice[ENGINES];
byte foldedTo[ENGINES], foldedSet[ENGINES];

/* What the tills were told, and which requests were ever sent: the first to be sent is called 0,
 * and so on, because nothing but their names tells them apart. */
byte done, refused, asked;

/* A till may send at any time, to either engine, to both, and once more after the answer; what
 * matters is only when an engine takes it in. */
#define maySend(k) \
  ((k) < KEYS && (done | refused) != ALL && (asked & below(k)) == below(k))

byte kills = KILLS;
byte cuts = CUTS;

/* Only used inside a d_step. */
hidden byte i_, s_, n_, length_, set_, id_;

/* The entry at place s as a reader finds it: once all frames are copied, the log is not read. */
inline look_up(s) {
  id_ = db[s];
  if
  :: copied < visible && s > base && s <= base + visible -> id_ = frame[s - base - 1]
  :: else
  fi
}

/* How long the journal is for a reader, and which requests it holds; none of them twice, none
 * missing in between, none more than the card can pay for, and none that was answered lacking. */
inline view() {
  length_ = 0; set_ = 0; s_ = 1;
  do
  :: s_ < SLOTS ->
     look_up(s_);
     if
     :: id_ > 0 ->
        assert(length_ == s_ - 1);           /* no gap */
        assert(!has(set_, id_ - 1));         /* at most once */
        set_ = set_ | bit(id_ - 1);
        length_ = s_
     :: else
     fi;
     s_++
  :: else -> break
  od;
  assert(length_ <= FUNDS);                  /* no lost update */
  assert((done & set_) == done);             /* answered: there */
  assert((refused & set_) == 0)              /* refused: not there */
}

/* What would be there after a power cut in the worst case. */
inline durable() {
  set_ = 0; length_ = 0; s_ = 1;
  do
  :: s_ < SLOTS ->
     if
     :: db[s_] > 0 && has(kept, s_) -> set_ = set_ | bit(db[s_] - 1); length_ = s_
     :: else
     fi;
     s_++
  :: else -> break
  od;
  n_ = synced;
  do
  :: n_ > 0 && !has(ends, n_ - 1) -> n_--
  :: else -> break
  od;
  i_ = 0;
  do
  :: i_ < n_ ->
     set_ = set_ | bit(frame[i_] - 1);
     if
     :: base + i_ + 1 > length_ -> length_ = base + i_ + 1
     :: else
     fi;
     i_++
  :: else -> break
  od
}

/* The fold is of a prefix of the journal, and that prefix is durable. */
inline check_fold() {
  durable();
  assert(head <= length_);                   /* never ahead of the journal */
  n_ = 0; s_ = 1;
  do
  :: s_ <= head ->
     id_ = db[s_];
     if
     :: s_ > base && s_ <= base + written -> id_ = frame[s_ - base - 1]
     :: else
     fi;
     assert(id_ > 0);
     n_ = n_ | bit(id_ - 1);
     s_++
  :: else -> break
  od;
  assert(folded == n_)                       /* all of it, and nothing else */
}

/* Folds in what others have appended. */
inline catch_up(p) {
  d_step {
    view();
    known[p] = set_;
    position[p] = length_
  }
}

/* Looks for the next request of `set` from k on. */
inline next_of(set, k) {
  do
  :: k < KEYS && !has(set, k) -> k++
  :: else -> break
  od
}

inline unlock() { journalLock = 0 }

/* Results, which must be durable by now, and refusals. */
inline write_answers() {
  d_step {
    durable();
    refused = refused | declined;
    done = done | (todo & ~declined);
    assert((done & set_) == done);           /* answered: durable */
    todo = 0; group = 0; declined = 0
  }
}

#ifdef NO_LOCK
#define isFree(lock) true
#else
#define isFree(lock) ((lock) == 0)
#endif

/* A request is carried out unless the journal holds its key. */
#ifdef KEYS_NOT_LOOKED_UP
#define isRepetition(k) 0
#else
#define isRepetition(k) has(known[p], k)
#endif

/* A death is at once. */
#define calm (loopDies[0] + loopDies[1] + folderDies[0] + folderDies[1] == 0)

proctype Loop(byte p) provided (calm || loopDies[p]) {
  byte todo;        /* the requests of the group */
  byte group;       /* those of them that make an entry */
  byte declined;    /* those that are refused */
  byte k;
end_off:
  {
    atomic {
      !alive[p] && !loopDies[p] && !folderDies[p] && (p == 0 || hasBegun) ->
      hasBegun = 1;
      alive[p] = 1;
      /* The first to come reads the log: whole groups are taken for committed. */
      if
      :: !alive[1 - p] ->
         d_step {
           do
           :: written > 0 && !has(ends, written - 1) -> written--; frame[written] = 0
           :: else -> break
           od;
           if
           :: synced > written -> synced = written
           :: else
           fi;
           visible = written;
           copied = 0
         }
      :: else
      fi
    }
    d_step {
#ifndef NO_SYNC_AT_OPEN
      synced = written;
#endif
      view();
      assert(head <= length_);               /* else serving would be refused */
      n_ = folded;
      s_ = head + 1;
      do
      :: s_ <= length_ -> look_up(s_); n_ = n_ | bit(id_ - 1); s_++
      :: else -> break
      od;
      assert(n_ == set_);                    /* the fold and the rest are the journal */
      foldedTo[p] = head;
      foldedSet[p] = folded
    }
end_idle:
    do
#ifdef CATCH_UP_BEFORE_LOCK
    :: (done | refused) != ALL -> catch_up(p);
       atomic { journalLock == 0 -> journalLock = p + 1 }
#else
    :: atomic {
         (done | refused) != ALL && isFree(journalLock) ->
         journalLock = p + 1; catch_up(p)
       }
#endif
       atomic {
         /* One request, or two. */
         if
         :: maySend(0) -> todo = bit(0)
         :: maySend(1) -> todo = bit(1)
         :: maySend(2) -> todo = bit(2)
         :: maySend(0) && KEYS > 1 -> todo = bit(0) | bit(1)
         :: maySend(2) -> todo = bit(0) | bit(2)
         :: maySend(1) && KEYS > 2 -> todo = bit(1) | bit(2)
         :: else -> todo = 0
         fi;
         asked = asked | todo;
         d_step {
           group = 0; declined = 0; k = 0;
           n_ = position[p];
           do
           :: k < KEYS ->
              if
              :: has(todo, k) && !isRepetition(k) ->
                 if
                 :: n_ < FUNDS -> group = group | bit(k); n_++
                 :: else -> declined = declined | bit(k)
                 fi
              :: else
              fi;
              k++
           :: else -> break
           od;
           k = 0
         }
       }
       if
       :: group == 0
       :: else ->
          /* The log starts over when all of it is copied. */
          d_step {
            if
            :: copied >= visible && visible > 0 ->
               base = base + visible; visible = 0; copied = 0
            :: else
            fi;
            do
            :: written > visible -> written--; frame[written] = 0
            :: else -> break
            od;
            if
            :: synced > written -> synced = written
            :: else
            fi;
            ends = ends & below(written)
          }
          do
          :: atomic {
               next_of(group, k);
               if
               :: k < KEYS ->
                  d_step {
                    assert(base + written + 1 < SLOTS);
                    frame[written] = k + 1;
                    if
                    :: (group >> (k + 1)) == 0 -> ends = ends | bit(written)
                    :: else
                    fi;
                    written++
                  }
                  k++
               :: else -> k = 0; break
               fi
             }
          od;
#ifdef FOLD_BEFORE_COMMIT
          atomic {
            if
            :: sliceHead[p] == 0 ->
               slice[p] = (known[p] | group) & ~foldedSet[p];
               sliceHead[p] = base + written
            :: else
            fi
          }
#endif
#ifdef ANSWER_BEFORE_FSYNC
          write_answers();
#endif
#ifdef NO_FSYNC
          skip;
#else
          synced = written;
#endif
          d_step {
            visible = written;
            position[p] = base + written;
            known[p] = known[p] | group
          }
       fi;
       /* What is new may go to the folder now, or with a later group. */
       atomic {
         if
         :: sliceHead[p] == 0 && position[p] > foldedTo[p] ->
            slice[p] = known[p] & ~foldedSet[p];
            sliceHead[p] = position[p]
         :: true
         fi;
         unlock(); group = 0; position[p] = 0; known[p] = 0
       }
#ifndef ANSWER_BEFORE_FSYNC
       write_answers()
#endif
    od
  } unless {
    d_step { loopDies[p] -> loopDies[p] = 0; todo = 0; group = 0; declined = 0; k = 0 }
  }
  goto end_off
}

/* The slice is folded. */
inline confirm() {
  check_fold();
  foldedTo[p] = sliceHead[p];
  foldedSet[p] = foldedSet[p] | slice[p];
  sliceHead[p] = 0; slice[p] = 0
}

/* Copies frames of the log into the database. */
inline copy_log() {
  i_ = from;
  do
  :: i_ < upTo ->
     db[base + i_ + 1] = frame[i_];
     kept = kept & ~bit(base + i_ + 1);
     i_++
  :: else -> break
  od
}

proctype Folder(byte p) provided (calm || folderDies[p]) {
  byte from, upTo;
end_off:
  {
  alive[p] == 1;
end_idle:
  do
  /* One database transaction: the records, and up to where they go. */
#ifdef WATERMARK_BEFORE_FOLD
  :: sliceHead[p] > head -> head = sliceHead[p];
     d_step { folded = folded | slice[p]; confirm() }
  :: d_step { sliceHead[p] > 0 && sliceHead[p] <= head -> confirm() }
#else
  :: d_step {
       sliceHead[p] > 0 ->
       if
#ifndef OLDER_SLICE_OVER_NEWER
       :: head >= sliceHead[p]
#endif
       :: else ->
          assert(head >= foldedTo[p]);
          folded = folded | slice[p];
          head = sliceHead[p]
       fi;
       confirm()
     }
#endif
#ifdef CHECKPOINT_OUTSIDE_LOCK
  :: d_step { alive[p] && visible > copied -> from = copied; upTo = visible }
     d_step { synced = written; copy_log() }
     d_step { kept = 255; copied = upTo; from = 0; upTo = 0 }
#else
  :: d_step {
       alive[p] && visible > copied && journalLock == 0 -> journalLock = p + 3;
       from = copied; upTo = visible;
       synced = written;
       copy_log()
     }
     d_step {
#ifndef NO_SYNC_OF_THE_DATABASE
       kept = 255;
#endif
       copied = upTo; from = 0; upTo = 0; unlock()
     }
#endif
  od
  } unless {
    d_step { folderDies[p] -> folderDies[p] = 0; from = 0; upTo = 0 }
  }
  goto end_off
}

/* Tills ask until they are answered, either engine, and both at once. */
/* What a process had in memory is gone, its locks are free. */
inline die(p) {
  if
  :: alive[p] ->
     alive[p] = 0; loopDies[p] = 1; folderDies[p] = 1;
     position[p] = 0; known[p] = 0; sliceHead[p] = 0; slice[p] = 0;
     foldedTo[p] = 0; foldedSet[p] = 0;
     if
     :: journalLock == p + 1 || journalLock == p + 3 -> journalLock = 0
     :: else
     fi
  :: else
  fi
}

proctype Misfortune() {
  byte n;
end_of_misfortune:
  do
  :: atomic { kills > 0 && calm && alive[0] -> kills--; die(0) }
  :: atomic { kills > 0 && calm && alive[1] -> kills--; die(1) }
  :: atomic {
       cuts > 0 && calm && (alive[0] || alive[1]) ->
       cuts--;
       die(0);
       die(1);
       /* Of what was written and not synced, any beginning is left of the log... */
       n = synced;
       do
       :: n < written -> n++
       :: break
       od;
       do
       :: written > n -> written--; frame[written] = 0
       :: else -> break
       od; synced = n; visible = 0; copied = 0; ends = ends & below(n);
       /* ...and anything of the database. */
       n = 1;
       do
       :: n < SLOTS ->
          if
          :: !has(kept, n) -> db[n] = 0
          :: true
          fi;
          n++
       :: else -> break
       od;
       kept = 255; n = 0;
       /* The state is synced now and then: it stays, or it is made anew. */
       if
       :: true
       :: head = 0; folded = 0
       fi
     }
  od
}

init {
  atomic {
    run Loop(0); run Folder(0);
    run Loop(1); run Folder(1);
    run Misfortune()
  }
}
