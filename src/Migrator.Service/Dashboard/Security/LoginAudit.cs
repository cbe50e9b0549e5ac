using System.Net;
using System.Security.Claims;
using Migrator.Core.Auditing;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Puts logins on record: those that succeed, those that are refused, and when an address is locked out. A trail that cannot be
/// written keeps nobody out: looking goes on, and whoever would act is refused then. The log has the login.</summary>
internal sealed class LoginAudit(Auditor auditor, TimeProvider time)
{
    /// <summary>So many refusals a minute have a line each: whoever guesses, from many addresses, must not fill the disk. The others are
    /// counted.</summary>
    private const int MostRefusals = 60;

    private const int MostPrograms = 1000;

    // A program sends its token with each request: one line for as long as a cookie lasts.
    private static readonly TimeSpan s_program = TimeSpan.FromHours(12);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string?, string), long> _programs = [];
    private long _minute,
        _unlisted;
    private int _refusals;

    public Task EnteredAsync(string name, string? role, IPAddress? address, string way) =>
        auditor
            .As(PersonAddress.Actor(name, role, address))
            .NoteAsync(AuditEvent.LoggedIn, AuditSubject.Of(("way", way)), AuditOutcome.Done, Unlisted());

    /// <summary>A program that comes in by <c>Authorization: Bearer</c>.</summary>
    public Task ProgramEnteredAsync(ClaimsPrincipal person, IPAddress? address)
    {
        var (role, now) = (person.FindFirst(ClaimTypes.Role)?.Value ?? "", time.GetTimestamp());
        lock (_gate)
        {
            var key = (address?.ToString(), role);
            if (_programs.TryGetValue(key, out var known) && time.GetElapsedTime(known, now) < s_program)
                return Task.CompletedTask;
            if (_programs.Count >= MostPrograms)
                _programs.Clear();
            _programs[key] = now;
        }
        return EnteredAsync(person.Identity!.Name!, role, address, "bearer");
    }

    /// <param name="name">Null where it is not known who tries.</param>
    public Task RefusedAsync(string? name, IPAddress? address, string way, string why)
    {
        if (!Counts())
            return Task.CompletedTask;
        return auditor
            .As(PersonAddress.Actor(name, null, address))
            .NoteAsync(AuditEvent.LoginRefused, AuditSubject.Of(("way", way)), AuditOutcome.Refused, Joined(why, Unlisted()));
    }

    public Task LockedOutAsync(IPAddress? address, string way) =>
        auditor
            .As(PersonAddress.Actor(null, null, address))
            .NoteAsync(
                AuditEvent.LockedOut,
                AuditSubject.Of(("way", way)),
                AuditOutcome.Refused,
                Joined("ten failed logins within a minute; until it is over, every login of this address is refused", Unlisted())
            );

    /// <summary>Refused because it is locked out, which is on record.</summary>
    public void StillLockedOut() => Interlocked.Increment(ref _unlisted);

    public Task LeftAsync(ClaimsPrincipal person) =>
        auditor.As(PersonAddress.Actor(person)).NoteAsync(AuditEvent.LoggedOut, [], AuditOutcome.Done, Unlisted());

    /// <returns>False where it is one too many to have a line.</returns>
    private bool Counts()
    {
        lock (_gate)
        {
            var minute = time.GetTimestamp() / time.TimestampFrequency / 60;
            if (minute != _minute)
                (_minute, _refusals) = (minute, 0);
            if (++_refusals <= MostRefusals)
                return true;
            Interlocked.Increment(ref _unlisted);
            return false;
        }
    }

    private string? Unlisted() =>
        Interlocked.Exchange(ref _unlisted, 0) is var count and > 0
            ? $"before it, {count} refused logins that have no separate entry"
            : null;

    private static string Joined(string why, string? unlisted) => unlisted is null ? why : $"{why}; {unlisted}";
}
