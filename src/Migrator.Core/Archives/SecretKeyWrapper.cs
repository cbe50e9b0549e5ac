using System.Security.Cryptography;
using System.Text;
using Konscious.Security.Cryptography;

namespace Migrator.Core.Archives;

/// <summary>Wraps the master key under a passphrase or the content of a key file.</summary>
public sealed class SecretKeyWrapper : IKeyWrapper
{
    // Argon2id: the second recommendation of RFC 9106, section 4. PBKDF2: OWASP's figure of 2023.
    private const int Argon2Iterations = 3;
    private const int Argon2MemoryKiB = 64 * 1024;
    private const int Pbkdf2Iterations = 210_000;

    // Somebody who can write to the store could ask a reader for all its memory, or a day of its time.
    private const int MostArgon2Iterations = 64;
    private const int MostArgon2MemoryKiB = 1024 * 1024;
    private const int MostPbkdf2Iterations = 10_000_000;

    private readonly string _kind;
    private readonly string _derivation;
    private readonly byte[] _secret;

    private SecretKeyWrapper(string kind, string derivation, byte[] secret) => (_kind, _derivation, _secret) = (kind, derivation, secret);

    public static SecretKeyWrapper OfPassphrase(string passphrase, KeyDerivation derivation = KeyDerivation.Argon2id) =>
        new("passphrase", derivation == KeyDerivation.Argon2id ? "argon2id" : "pbkdf2-sha512", Encoding.UTF8.GetBytes(passphrase));

    /// <param name="content">Of the key file; as hard to guess as the file is random.</param>
    public static SecretKeyWrapper OfKeyFile(byte[] content) => new("keyFile", "hkdf-sha256", content);

    public static SecretKeyWrapper OfRecoveryKey(RecoveryKey key) => new("recovery", "hkdf-sha256", key.Bytes);

    public bool Fits(KeyRecord record) => record.Kind == _kind;

    public Task<KeyRecord> WrapAsync(byte[] master, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(32);
        var record = new KeyRecord(
            _kind,
            _derivation,
            salt,
            _derivation switch
            {
                "argon2id" => Argon2Iterations,
                "pbkdf2-sha512" => Pbkdf2Iterations,
                _ => null,
            },
            _derivation == "argon2id" ? Argon2MemoryKiB : null,
            null,
            []
        );
        return Task.FromResult(record with { Wrapped = SealedKey.Seal(Derive(record), master) });
    }

    public Task<byte[]?> UnwrapAsync(KeyRecord record, CancellationToken cancellationToken) =>
        Task.FromResult(SealedKey.Open(Derive(record), record.Wrapped) is { Length: ArchiveKeys.Length } master ? master : null);

    private byte[] Derive(KeyRecord record)
    {
        switch (record.Derivation)
        {
            case "argon2id"
                when Within(record.Iterations, 1, MostArgon2Iterations)
                    && Within(record.MemoryKiB, 8, MostArgon2MemoryKiB)
                    && HasSalt(record):
                using (
                    var argon = new Argon2id(_secret)
                    {
                        Salt = record.Salt,
                        Iterations = record.Iterations!.Value,
                        MemorySize = record.MemoryKiB!.Value,
                        DegreeOfParallelism = 1,
                    }
                )
                    return argon.GetBytes(ArchiveKeys.Length);
            case "pbkdf2-sha512" when Within(record.Iterations, 1, MostPbkdf2Iterations) && HasSalt(record):
                return Rfc2898DeriveBytes.Pbkdf2(
                    _secret,
                    record.Salt!,
                    record.Iterations!.Value,
                    HashAlgorithmName.SHA512,
                    ArchiveKeys.Length
                );
            case "hkdf-sha256" when HasSalt(record):
                return HKDF.DeriveKey(
                    HashAlgorithmName.SHA256,
                    _secret,
                    ArchiveKeys.Length,
                    record.Salt,
                    "migrator archive v1 key file"u8.ToArray()
                );
            case "argon2id" or "pbkdf2-sha512" or "hkdf-sha256":
                throw new InvalidDataException($"its figures for {record.Derivation} are missing, or ask for more than a reader grants");
            default:
                throw new InvalidDataException($"a key is derived by \"{record.Derivation}\", which is not known");
        }
    }

    private static bool Within(int? figure, int least, int most) => figure >= least && figure <= most;

    private static bool HasSalt(KeyRecord record) => record.Salt is { Length: >= 16 and <= 64 };
}
