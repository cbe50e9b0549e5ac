using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Secrets;
using Migrator.Service.Settings;

namespace Migrator.Service.Dashboard.Security;

/// <summary>The tokens that the settings name, as digests.</summary>
internal sealed class DashboardTokens
{
    private const int Shortest = 16;

    private readonly byte[]? _acting;
    private readonly byte[]? _looking;

    /// <exception cref="ConfigurationException">A token is not where the settings say, or is too short.</exception>
    public DashboardTokens(DashboardSettings settings, SecretResolver secrets)
    {
        _acting = Digest(settings.Token, "Dashboard:Token", secrets);
        _looking = Digest(settings.ReadOnlyToken, "Dashboard:ReadOnlyToken", secrets);
    }

    /// <returns>Null where it is none of them.</returns>
    public string? RoleOf(string token)
    {
        // Digests have one length, so that comparing takes one time.
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        var (mayAct, mayLook) = (Same(given, _acting), Same(given, _looking));
        return mayAct ? DashboardRoles.Operator
            : mayLook ? DashboardRoles.Reader
            : null;
    }

    private static bool Same(byte[] given, byte[]? expected) =>
        expected is not null && CryptographicOperations.FixedTimeEquals(given, expected);

    private static byte[]? Digest(SecretReference? reference, string key, SecretResolver secrets)
    {
        if (reference is null)
            return null;
        var token = secrets.Resolve(reference, key);
        return token.Length >= Shortest
            ? SHA256.HashData(Encoding.UTF8.GetBytes(token))
            : throw new ConfigurationException(
                "settings",
                [
                    new ConfigurationError(
                        key,
                        $"the secret at {reference} is shorter than {Shortest} characters: it could be guessed. Make one with: "
                            + "openssl rand -base64 32"
                    ),
                ]
            );
    }
}
