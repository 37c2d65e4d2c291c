#!/usr/bin/env bash
# InspIRCd on ws://127.0.0.1:PORT/, its files in FOLDER; with a third argument `services`, Atheme behind it, for accounts;
# with `leaf HUB`, a second server of the network of the one on port HUB. A server links on the port above its own.
# Ends with whichever of them ends first. OWN is where the tests' own copies lie; else the system's are taken.
set -euo pipefail
port=$1 folder=$2 with=${3:-} hub=${4:-0}
name=irc.test id=001
[ "$with" != leaf ] || { name=leaf.test id=002; }
mkdir -p "$folder"
if [ -x "$OWN/usr/sbin/inspircd" ]; then
    inspircd=$OWN/usr/sbin/inspircd modules=$OWN/usr/lib/inspircd/modules
else
    inspircd=inspircd modules=/usr/lib/inspircd/modules
fi

cat >"$folder/inspircd.conf" <<CONF
<server name="$name" description="A server for tests" network="TestNet" id="$id">
<admin name="test" nick="test" email="test@localhost">
<path configdir="$folder" datadir="$folder" logdir="$folder" runtimedir="$folder" moduledir="$modules">
<pid file="$folder/inspircd.pid">
<options defaultmodes="not" prefixquit="Quit: " syntaxhints="yes" casemapping="rfc1459">
<performance softlimit="1024" quietbursts="yes">
<limits maxnick="31" maxchan="64" maxmodes="20" maxtopic="330">
<whowas groupsize="10" maxgroups="100" maxkeep="1d">
<timesync enable="no">
<module name="sha1">
<module name="websocket">
<websocket defaultmode="text" proxyranges="">
<wsorigin allow="*">
<bind address="127.0.0.1" port="$port" type="clients" hook="websocket">
<connect allow="*" timeout="60" pingfreq="120" hardsendq="1M" softsendq="64K" recvq="64K" threshold="100" commandrate="100000" fakelag="no" localmax="100" globalmax="100" resolvehostnames="no">
<module name="cap">
<module name="ircv3">
<ircv3 accountnotify="yes" awaynotify="yes" extendedjoin="yes" standardreplies="yes">
CONF
for name in ircv3_accounttag ircv3_batch ircv3_capnotify ircv3_chghost ircv3_ctctags ircv3_echomessage \
    ircv3_invitenotify ircv3_labeledresponse ircv3_msgid ircv3_servertime chanhistory namesx uhnames monitor setname \
    services_account md5 sha256; do
    printf '<module name="%s">\n' "$name"
done >>"$folder/inspircd.conf"
printf '<chanhistory maxlines="100" prefixmsg="no" bots="yes">\n' >>"$folder/inspircd.conf"

as_root=()
drop=()
if [ "$(id -u)" = 0 ]; then
    as_root=(--runasroot)
    drop=(setpriv --reuid=irc --regid=irc --clear-groups)
fi
start_ircd() { "$inspircd" --config="$folder/inspircd.conf" --nofork "${as_root[@]}" & }

link=$((port + 1))
if [ "$with" != services ]; then
    if [ "$with" = leaf ]; then
        cat >>"$folder/inspircd.conf" <<CONF
<link name="irc.test" ipaddr="127.0.0.1" port="$((hub + 1))" allowmask="127.0.0.0/8" sendpass="link" recvpass="link">
<autoconnect period="1" server="irc.test">
CONF
    else
        cat >>"$folder/inspircd.conf" <<CONF
<bind address="127.0.0.1" port="$link" type="servers">
<link name="leaf.test" ipaddr="127.0.0.1" port="$link" allowmask="127.0.0.0/8" sendpass="link" recvpass="link">
CONF
    fi
    printf '<module name="spanningtree">\n' >>"$folder/inspircd.conf"
    start_ircd
    wait -n
    exit
fi
cat >>"$folder/inspircd.conf" <<CONF
<bind address="127.0.0.1" port="$link" type="servers">
<link name="services.test" ipaddr="127.0.0.1" port="$link" allowmask="127.0.0.0/8" sendpass="link" recvpass="link">
<uline server="services.test" silent="yes">
<module name="spanningtree"><module name="sasl"><sasl target="services.test">
<module name="hidechans"><module name="deaf"><module name="servprotect"><module name="svshold"><module name="topiclock">
CONF
# Atheme refuses to be root, and whoever it is then must come into the folder, and has a copy since it may not come to ours.
data=$folder/services
mkdir -p "$data/lib"
chmod a+x "$(dirname "$folder")" "$folder"
if [ -x "$OWN/usr/bin/atheme-services" ]; then
    cp "$OWN/usr/bin/atheme-services" "$data/atheme-services"
    cp -r "$OWN"/usr/lib/*-linux-gnu/. "$data/lib"
    atheme=$data/atheme-services libraries=$data/lib modules=$data/lib/atheme/modules
else
    atheme=atheme-services libraries= modules=modules
fi
# Whoever is asked for a module by another one asks for it where the system has it, so none is left to be asked for.
for name in transport/rfc1459 protocol/base36uid protocol/inspircd backend/corestorage backend/opensex crypto/pbkdf2v2 \
    nickserv/main nickserv/register nickserv/identify saslserv/main saslserv/plain; do
    printf 'loadmodule "%s/%s";\n' "$modules" "$name"
done >"$data/atheme.conf"
cat >>"$data/atheme.conf" <<CONF
serverinfo { name = "services.test"; desc = "services"; numeric = "00A"; recontime = 2; netname = "TestNet";
    adminname = "test"; adminemail = "test@localhost"; registeremail = "test@localhost"; hidehostsuffix = "users.test";
    mta = "/bin/true"; loglevel = { error; }; maxlogins = 50; maxusers = 0; mdlimit = 30; emaillimit = 100;
    emailtime = 300; auth = none; };
uplink "irc.test" { host = "127.0.0.1"; port = $link; send_password = "link"; receive_password = "link"; };
nickserv { nick = "NickServ"; user = "NickServ"; host = "services.test"; real = "NickServ"; spam; };
saslserv { nick = "SaslServ"; user = "SaslServ"; host = "services.test"; real = "SaslServ"; };
database { db_update_interval = 5; };
general { permissive_mode; uflags = { hidemail; }; };
CONF
[ ${#drop[@]} = 0 ] || chown -R irc "$data"
start_ircd
"${drop[@]}" env HOME="$data" LD_LIBRARY_PATH="$libraries" "$atheme" -n -c "$data/atheme.conf" -D "$data" -l "$data/atheme.log" -p "$data/atheme.pid" &
wait -n
