/** perl: its own pipes, forks, sockets and files. */
import { perl, type Case } from '../case.ts';

const everywhere = true;

export const perls: Case[] = [
  perl(
    'sort, hashes, regular expressions',
    `
    open my $f, '<', 'words.txt' or die; chomp(my @w = <$f>); my %n; $n{$_}++ for @w;
    print join(',', map { "$_=$n{$_}" } sort { $n{$b} <=> $n{$a} || $a cmp $b } keys %n), "\\n";
    (my $t = "2024-01-02") =~ s/(\\d+)-(\\d+)-(\\d+)/$3.$2.$1/; print "$t ", sprintf('%.3f', sqrt 2), "\\n"; printf "%vd\\n", "1.22.333";
  `,
  ),
  perl(
    'fork, a pipe and wait',
    `
    pipe(my $r, my $w) or die; $| = 1;
    for my $i (1 .. 4) { my $pid = fork; if (!$pid) { close $r; syswrite $w, "child $i\\n"; exit $i } push @pids, $pid }
    close $w; print sort <$r>; for (@pids) { waitpid $_, 0; print $? >> 8, ' ' } print "\\n"; kill 'KILL', $p = fork || sleep 9; waitpid $p, 0; print $? & 127, "\\n";
  `,
    { everywhere },
  ),
  perl(
    'a pair of sockets',
    `
    use Socket; use IO::Handle; socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC) or die; $_->autoflush(1) for $a, $b;
    if (my $pid = fork) { close $b; print $a "ping $_\\n" for 1 .. 3; shutdown $a, 1; print while <$a>; waitpid $pid, 0; print $?, "\\n" }
    else { close $a; while (<$b>) { print $b "got $_" } exit 0 }
  `,
    { everywhere },
  ),
  perl(
    'a server on the loopback interface',
    `
    use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die $!; my $port = $s->sockport;
    if (!fork) { my $c = IO::Socket::INET->new("127.0.0.1:$port") or die $!; print $c "hello\\nworld\\n"; $c->shutdown(1); print while <$c>; exit }
    my $c = $s->accept; my @l = <$c>; print $c reverse map { uc } @l; close $c; wait; print $?, "\\n";
  `,
  ),
  perl(
    'signals: alarm, safe handlers, sigaction',
    `
    use POSIX ':signal_h'; use Time::HiRes 'ualarm'; $| = 1; $SIG{ALRM} = sub { die "alarm\\n" }; eval { ualarm 30000; select undef, undef, undef, 5; }; print $@;
    my $n = 0; $SIG{USR1} = sub { $n++ }; kill USR1 => $$ for 1 .. 3; print "$n\\n"; my $set = POSIX::SigSet->new(SIGUSR2); $SIG{USR2} = sub { print "usr2\\n" };
    sigprocmask(SIG_BLOCK, $set); kill USR2 => $$; print "blocked\\n"; sigprocmask(SIG_UNBLOCK, $set); $SIG{CHLD} = sub { print 'chld ', wait > 0, "\\n" }; if (!fork) { exit } sleep 1;
  `,
  ),
  perl(
    'files: seek, lock, rename, directories',
    `
    use Fcntl qw(:flock SEEK_SET); open my $f, '+>', 'new' or die; print $f "0123456789"; seek $f, 4, SEEK_SET; read $f, my $x, 3; print "$x\\n"; print flock($f, LOCK_EX | LOCK_NB), "\\n"; truncate $f, 5; close $f; print -s 'new', "\\n";
    rename 'new', 'tree/newer'; opendir my $d, 'tree'; print join(' ', sort grep { !/^\\./ } readdir $d), "\\n"; print((stat 'words.txt')[9], "\\n"); unlink 'tree/newer'; print -e 'tree/newer' ? 'there' : 'gone', "\\n";
    mkdir 'm', 0700; printf "%o\\n", (stat 'm')[2] & 07777; utime 5, 6, 'm'; print join(',', (stat 'm')[8, 9]), "\\n"; open(F, '<', 'nope') or print "$!\\n"
  `,
  ),
];
