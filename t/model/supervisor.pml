/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor, one slot and its child, a handler, the kernel, and somebody
 * who sends signals, for spin(1).  See t/9100-model.t, which runs it.
 *
 * The supervisor's turn, its stages and the slot's table are those of
 * supervisor.c (with deaths.c and watch.c), stop.c and slot.c.  Time is left out: a deadline may pass at
 * any turn, in whatever order, so what is proved does not depend on the values
 * of settings.  But it cannot be late for ever: a stage of the stop is due
 * after at most LAG_MAX turns without one.
 *
 * A child does what children do: it works and ends, drains when told, crashes
 * at any moment, hangs so that only signals end it, or ignores even SIGABRT.
 * Its handler may outlive it.  With -DUNKILLABLE it may also sleep in the
 * kernel where no signal reaches it.
 */

#define LAG_MAX 2

mtype:slot = { down, starting, ready, draining, killed, backoff, stopped };
mtype:event = { e_forked, e_fork_failed, e_up, e_expired, e_exited, e_died, e_lost,
	e_drain, e_stop, e_release, e_kill };

/* Stages of the stop, in order. */
#define NONE    0
#define FINISH  1
#define RELEASE 2
#define KILL    3
#define EXIT    4

/* ---- what the processes share: pending signals, and who is alive ---- */

bool asked, hurried;	/* SIGTERM or SIGINT, and a second SIGINT, arrived */
bool reload;		/* SIGHUP arrived */
bool born;		/* forked, not yet running */
bool alive, zombie;	/* the child */
bool clean;		/* how the zombie ended */
bool unkillable;	/* in an uninterruptible sleep */
bool is_up;		/* its scoreboard says so */
bool term, quit, abrt, sigkill;	/* pending for it */
bool handler;		/* its handler is alive */
bool orphan, orphan_zombie, orphan_sigkill;	/* when the child is not */

/* ---- the supervisor's own ---- */

mtype:slot slot = down;
bool wanted = true;
bool begun;
byte stage = NONE;
byte lag;
bool over;

/* A pid is ours as long as its process is not reaped. */
#define childless (!alive && !zombie)
/* Pending for the child, and nothing of its own comes before. */
#define fatal     (sigkill || abrt)
#define nobody    (childless && !handler && !orphan && !orphan_zombie)

/* The child's actions are atomic: each is one moment of its life. */
inline lives_again()
{
	born = false; alive = true; zombie = false; clean = false;
	is_up = false; unkillable = false;
	term = false; quit = false; abrt = false; sigkill = false
}

inline dies(how)
{
	alive = false; born = false; zombie = true; clean = how;
	orphan = handler; handler = false
}

proctype Child()
{
end_unborn:
	atomic { born -> born = false }
	/* Until its loop turns, SIGTERM and SIGQUIT wait. */
	do
	:: atomic { fatal -> dies(false); goto end_unborn }
	:: atomic { !fatal -> is_up = true; break }
	:: atomic { dies(false); goto end_unborn }
	:: goto hangs
	:: goto deaf
	od;
	do
	:: atomic { fatal -> dies(false); goto end_unborn }
	:: atomic { quit -> handler = false; dies(true); goto end_unborn }
	:: atomic { term && !handler -> dies(true); goto end_unborn }
	:: atomic { !fatal && !term && !quit && !handler -> handler = true }
	:: atomic { !fatal && !quit && handler -> handler = false }
	:: atomic { dies(false); goto end_unborn }
	:: goto hangs
	:: goto deaf
	od;
hangs:
	atomic { fatal -> dies(false); goto end_unborn };
deaf:
#ifdef UNKILLABLE
	atomic {
		if
		:: unkillable = true
		:: skip
		fi
	};
	atomic { sigkill && !unkillable -> dies(false); goto end_unborn }
#else
	atomic { sigkill -> dies(false); goto end_unborn }
#endif
}

/* Handlers that outlived their child. */
proctype Orphan()
{
end_orphan:
	do
	:: atomic { orphan && orphan_sigkill ->
		orphan = false; orphan_sigkill = false; orphan_zombie = true }
	:: atomic { orphan -> orphan = false; orphan_sigkill = false;
		orphan_zombie = true }
	od
}

/* Whoever sends signals, any number of them in any order. */
proctype User()
{
	do
	:: asked = true
	:: atomic { asked -> hurried = true }
	:: reload = true
	:: break
	od
}

/* ---- slot.c: the table ---- */

inline impossible()
{
	assert(false)
}

inline stops()
{
	slot = stopped; wanted = false
}

inline forks()
{
	assert(stage == NONE && childless);
	slot = down;
	if
	:: lives_again(); born = true; slot = starting
	:: slot = backoff	/* the fork failed */
	fi
}

inline signals(which)
{
	assert(alive || zombie);
	if
	:: alive -> which = true
	:: else
	fi
}

inline ends_as(refilled)
{
	if
	:: wanted -> slot = refilled
	:: else -> stops()
	fi
}

inline apply(event)
{
	if
	:: slot == down || slot == backoff ->
		if
		:: event == e_expired -> forks()
		:: event == e_drain
		:: event == e_stop || event == e_release || event == e_kill ->
			stops()
		:: else -> impossible()
		fi
	:: slot == stopped ->
		if
		:: event == e_expired || event == e_drain
		:: event == e_stop || event == e_release || event == e_kill
		:: else -> impossible()
		fi
	:: slot == starting || slot == ready || slot == draining ->
		if
		:: event == e_up ->
			if
			:: slot == starting -> slot = ready
			:: else
			fi
		:: event == e_expired -> slot = killed; signals(abrt)
		:: event == e_exited -> ends_as(down)
		:: event == e_died -> ends_as(backoff)
		:: event == e_drain ->
			if
			:: slot != draining -> slot = draining; signals(term)
			:: else
			fi
		:: event == e_stop ->
			wanted = false; slot = draining; signals(term)
		:: event == e_release ->
			slot = draining; wanted = false; signals(quit)
		:: event == e_kill ->
			slot = killed; wanted = false; signals(sigkill)
		fi
	:: slot == killed ->
		if
		:: event == e_up || event == e_drain
		:: event == e_expired -> signals(sigkill)
		:: event == e_exited -> ends_as(down)
		:: event == e_died -> ends_as(backoff)
		:: event == e_lost -> wanted = false
		:: event == e_stop || event == e_release -> wanted = false
		:: event == e_kill -> wanted = false; signals(sigkill)
		fi
	fi
}

/* ---- supervisor.c: a turn ---- */

inline read_events()
{
	if
	:: asked -> begun = true
	:: else
	fi;
	if
	:: reload && !begun -> reload = false; apply(e_drain)
	:: reload && begun -> reload = false
	:: else
	fi
}

/* What the child left is killed first, then it is taken off the table. */
inline reap()
{
	if
	:: zombie ->
		if
		:: orphan -> orphan_sigkill = true
		:: else
		fi;
		zombie = false;
		if
		:: clean && slot != killed -> apply(e_exited)
		:: else -> apply(e_died)
		fi;
		/* One death too many, at any time. */
		if
		:: begun = true
		:: skip
		fi
	:: else
	fi;
	orphan_zombie = false
}

inline enter_stage()
{
	stage++;
	lag = 0;
	if
	:: stage == FINISH -> apply(e_stop)
	:: stage == RELEASE -> apply(e_release)
	:: stage == KILL || stage == EXIT -> apply(e_kill)
	fi;
	/* kill_below_survivors */
	if
	:: stage == EXIT && alive -> handler = false
	:: else
	fi
}

inline advance_stop()
{
	do
	:: begun && stage == NONE -> enter_stage()
	:: stage != NONE && stage < EXIT -> enter_stage()
	:: stage != NONE && stage < EXIT && lag < LAG_MAX &&
		!(stage == FINISH && hurried) -> break
	:: stage == EXIT || stage == NONE && !begun -> break
	od;
	/* kill_strays */
	if
	:: stage >= KILL || stage != NONE && slot == stopped ->
		if
		:: orphan -> orphan_sigkill = true
		:: else
		fi;
		if
		:: alive -> sigkill = true
		:: else
		fi
	:: else
	fi
}

#define live (slot == starting || slot == ready || slot == draining || \
	slot == killed)

/* A live child's deadline has passed, or not. */
inline watch()
{
	/* on_unkillable in deaths.c */
	if
	:: slot == killed && sigkill && alive -> handler = false; apply(e_lost)
	:: skip
	fi;
	if
	:: slot == starting && is_up -> apply(e_up)
	:: else
	fi;
	if
	:: live -> apply(e_expired)
	:: skip
	fi;
	/* watch_service: no child was ready for too long */
	if
	:: begun = true
	:: skip
	fi
}

/* An empty slot's has, or not. */
inline refill()
{
	if
	:: slot == down || slot == backoff -> apply(e_expired)
	:: skip
	fi;
	if
	:: stage != NONE && lag < LAG_MAX -> lag++
	:: else
	fi
}

/*
 * atomic: what the others do meanwhile they may as well do between two turns,
 * but for a death between the look at the zombies and the signals, which
 * signals() allows for.
 */
proctype Supervisor()
{
	do
	:: atomic {
		read_events();
		reap();
		watch();
		advance_stop();
		refill()
	   };
	   /* is_over */
	   if
	   :: atomic { stage != NONE && slot == stopped && nobody -> break }
	   :: atomic { stage == EXIT && unkillable && lag == LAG_MAX -> break }
	   :: else
	   fi
	od;
	over = true
}

init
{
	atomic {
		run Supervisor();
		run Child();
		run Orphan();
		run User()
	}
}

/* A stop ends, whatever children, handlers and users do. */
ltl stop_terminates { [] (begun -> <> over) }

/*
 * Nothing of ours is alive then, unless the kernel itself could not end it; and
 * then its handler is not.
 */
ltl no_survivor { [] (over -> (nobody || unkillable && !handler)) }

/* No child is born once a stop has entered its first stage. */
ltl no_birth_after_stop { [] (stage != NONE -> [] (!born || slot != starting || alive)) }
