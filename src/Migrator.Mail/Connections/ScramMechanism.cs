using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MailKit.Security;

namespace Migrator.Mail.Connections;

/// <summary>SCRAM (RFC 5802, RFC 7677), with or without channel binding. MailKit's takes the binding from a connection that MailKit opened
/// itself, and as many rounds of hashing as any server asks for.</summary>
/// <param name="name">With <c>-PLUS</c> where it is bound.</param>
/// <param name="binding">What binds it to the TLS connection by <c>tls-unique</c> (RFC 5929); null for none.</param>
internal sealed class ScramMechanism(string name, HashAlgorithmName hash, string user, string password, byte[]? binding)
    : SaslMechanism(user, password)
{
    // Servers ask for 4,096 to some 100,000.
    private const int MostIterations = 2_000_000;

    private const int NonceBytes = 18;

    private readonly string _header = binding is null ? "n,," : "p=tls-unique,,";
    private string _nonce = "",
        _first = "";
    private byte[] _signature = [];
    private State _state;

    private enum State
    {
        First,
        Final,
        Proof,
    }

    public override string MechanismName => name;

    public override bool SupportsInitialResponse => true;

    public override bool SupportsChannelBinding => binding is not null;

    public override bool NegotiatedChannelBinding => IsAuthenticated && binding is not null;

    public override void Reset()
    {
        _state = State.First;
        base.Reset();
    }

    /// <exception cref="SaslException">The server is not one that knows this password, or breaks the rules.</exception>
    protected override byte[] Challenge(byte[]? challenge, int startIndex, int length, CancellationToken cancellationToken)
    {
        var said = challenge is null ? "" : Encoding.UTF8.GetString(challenge, startIndex, length);
        if (said.StartsWith("e=", StringComparison.Ordinal))
            throw Broken(SaslErrorCode.InvalidChallenge, $"the server says: {said[2..]}");
        switch (_state)
        {
            case State.First:
                _nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
                _first = $"n={Escaped(SaslPrep(Credentials.UserName))},r={_nonce}";
                _state = State.Final;
                return Encoding.UTF8.GetBytes(_header + _first);
            case State.Final:
                _state = State.Proof;
                return Encoding.UTF8.GetBytes(Proof(said));
            default:
                if (!IsSignature(said))
                    throw Broken(SaslErrorCode.IncorrectHash, "the server did not prove that it knows the password");
                IsAuthenticated = true;
                return [];
        }
    }

    private string Proof(string said)
    {
        var fields = said.Split(',').Where(field => field.Length > 1 && field[1] == '=').ToLookup(field => field[0], field => field[2..]);
        var (nonce, salt, rounds) = (fields['r'].FirstOrDefault(), fields['s'].FirstOrDefault(), fields['i'].FirstOrDefault());
        if (
            nonce?.StartsWith(_nonce, StringComparison.Ordinal) != true
            || nonce.Length == _nonce.Length
            || salt is null
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < 1 or > MostIterations
            || fields['m'].Any()
        )
            throw Broken(SaslErrorCode.InvalidChallenge, "the server sent an invalid challenge");
        var channel = Convert.ToBase64String([.. Encoding.ASCII.GetBytes(_header), .. binding ?? []]);
        var final = $"c={channel},r={nonce}";
        var dialogue = Encoding.UTF8.GetBytes($"{_first},{said},{final}");
        var secret = Encoding.UTF8.GetBytes(SaslPrep(Credentials.Password));
        var salted = Rfc2898DeriveBytes.Pbkdf2(secret, Salt(salt), iterations, hash, Hash([]).Length);
        var key = Mac(salted, "Client Key"u8);
        var proof = Mac(Hash(key), dialogue);
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= key[i];
        _signature = Mac(Mac(salted, "Server Key"u8), dialogue);
        return $"{final},p={Convert.ToBase64String(proof)}";
    }

    private bool IsSignature(string said)
    {
        const string signature = "v=";
        var bytes = new byte[_signature.Length];
        return said.StartsWith(signature, StringComparison.Ordinal)
            && Convert.TryFromBase64String(said[signature.Length..].Split(',')[0], bytes, out var count)
            && count == _signature.Length
            && CryptographicOperations.FixedTimeEquals(bytes, _signature);
    }

    private byte[] Salt(string salt)
    {
        try
        {
            return Convert.FromBase64String(salt);
        }
        catch (FormatException)
        {
            throw Broken(SaslErrorCode.InvalidChallenge, "the server sent an invalid challenge");
        }
    }

    private byte[] Hash(ReadOnlySpan<byte> bytes) => CryptographicOperations.HashData(hash, bytes);

    private byte[] Mac(byte[] key, ReadOnlySpan<byte> bytes) => CryptographicOperations.HmacData(hash, key, bytes);

    private SaslException Broken(SaslErrorCode code, string what) => new(MechanismName, code, what);

    private static string Escaped(string user) =>
        user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);
}
