"""The part of logind that tells of sleep, on the bus in DBUS_SYSTEM_BUS_ADDRESS: each line "true" or "false" on standard
input is told as PrepareForSleep (org.freedesktop.login1(5)). Says "ready" once it owns its name."""

import sys
import threading

from gi.repository import Gio, GLib

loop = GLib.MainLoop()


def tell(bus):
    for line in sys.stdin:
        start = GLib.Variant("(b)", (line.strip() == "true",))
        bus.emit_signal(
            None, "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep", start
        )
        bus.flush_sync()
        print("told", flush=True)
    loop.quit()


def acquired(bus, _name):
    print("ready", flush=True)
    threading.Thread(target=tell, args=(bus,), daemon=True).start()


Gio.bus_own_name(Gio.BusType.SYSTEM, "org.freedesktop.login1", Gio.BusNameOwnerFlags.NONE, None, acquired, None)
loop.run()
