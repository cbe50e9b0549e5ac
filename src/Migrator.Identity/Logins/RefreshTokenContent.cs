using System.Security.Cryptography;
using System.Text;

namespace Migrator.Identity.Logins;

/// <summary>How the store keeps a refresh token: after the hash of the one that a job file gave, where it gave one. A job file with
/// another one is obeyed; with the same one, what has replaced it since is used.</summary>
internal static class RefreshTokenContent
{
    /// <param name="given">By the job file; empty where somebody has logged in.</param>
    public static byte[] Write(string given, string token) => Encoding.UTF8.GetBytes($"{Hash(given)}\n{token}");

    /// <returns>Null where there is none that belongs to what was given.</returns>
    public static string? Read(byte[]? content, string given)
    {
        if (content is null)
            return null;
        var parts = Encoding.UTF8.GetString(content).Split('\n', 2);
        return parts.Length == 2 && parts[0] == Hash(given) ? parts[1] : null;
    }

    private static string Hash(string given) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(given)));
}
