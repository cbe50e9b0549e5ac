using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Migrator.Core.Jobs;

namespace Migrator.Worker.Dashboard.Security;

/// <summary>Lets in whoever has a token, and slows down whoever guesses.</summary>
internal sealed class TokenDoor : IDisposable
{
    private const int WrongOnesAMinute = 10;
    private const int Shortest = 16;

    private readonly byte[]? _acting;
    private readonly byte[]? _looking;
    private readonly PartitionedRateLimiter<string> _wrong = PartitionedRateLimiter.Create<string, string>(from => RateLimitPartition.GetFixedWindowLimiter(from,
        _ => new FixedWindowRateLimiterOptions { PermitLimit = WrongOnesAMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    /// <exception cref="JobFileException">A token is not where the settings say, or is too short.</exception>
    public TokenDoor(DashboardSettings settings, SecretResolver secrets)
    {
        _acting = Digest(settings.Token, "Dashboard:Token", secrets);
        _looking = Digest(settings.ReadOnlyToken, "Dashboard:ReadOnlyToken", secrets);
    }

    public bool HasTokens => _acting is not null;

    /// <param name="from">Who tries; each address has its own count of wrong attempts.</param>
    public Admission Try(string token, IPAddress? from, string scheme)
    {
        var source = from?.ToString() ?? "";
        using (var free = _wrong.AttemptAcquire(source, 0))
        {
            if (!free.IsAcquired)
                return new Admission(null, TooMany: true);
        }
        // Digests have one length, so that comparing takes one time.
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        var (mayAct, mayLook) = (Same(given, _acting), Same(given, _looking));
        if (mayAct || mayLook)
            return new Admission(Person(mayAct ? DashboardRoles.Operator : DashboardRoles.Reader, "token", scheme), TooMany: false);
        using (_wrong.AttemptAcquire(source, 1))
        using (var free = _wrong.AttemptAcquire(source, 0))
            return new Admission(null, TooMany: false, LocksOut: !free.IsAcquired);
    }

    public static ClaimsPrincipal Person(string role, string name, string scheme) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role)], scheme));

    public void Dispose() => _wrong.Dispose();

    private static bool Same(byte[] given, byte[]? expected) => expected is not null && CryptographicOperations.FixedTimeEquals(given, expected);

    private static byte[]? Digest(SecretReference? reference, string key, SecretResolver secrets)
    {
        if (reference is null)
            return null;
        var token = secrets.Resolve(reference, key);
        return token.Length >= Shortest ? SHA256.HashData(Encoding.UTF8.GetBytes(token))
            : throw new JobFileException("settings", [new JobFileError(key, $"the secret at {reference} is shorter than {Shortest} characters: it could be guessed. Make one with: openssl rand -base64 32")]);
    }
}

/// <param name="Person">Null where the token is wrong.</param>
/// <param name="TooMany">So many were wrong that this one was not looked at.</param>
/// <param name="LocksOut">This one was wrong, and one too many: those that follow are not looked at.</param>
internal sealed record Admission(ClaimsPrincipal? Person, bool TooMany, bool LocksOut = false);
