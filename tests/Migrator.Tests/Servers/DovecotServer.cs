using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Migrator.Tests.Servers;

/// <summary>A real Dovecot on free loopback ports, in a directory of its own. Any user name logs in with the password
/// <c>pass</c>, if it is given no other. Runs as root or not.</summary>
public sealed class DovecotServer : IAsyncDisposable
{
    public const string Password = "pass";

    /// <summary>An administrator, where the options give a password.</summary>
    public const string Master = "master";

    private readonly string _directory;
    private readonly Process _process;
    private readonly string _userPassword;
    private static int s_users;

    private DovecotServer(string directory, Process process, int[] ports, X509Certificate2 certificate, string userPassword)
    {
        (_directory, _process, Certificate, _userPassword) = (directory, process, certificate, userPassword);
        (ImapPort, ImapsPort, Pop3Port, Pop3sPort) = (ports[0], ports[1], ports[2], ports[3]);
    }

    /// <summary>Plaintext and STARTTLS.</summary>
    public int ImapPort { get; }

    public int ImapsPort { get; }

    /// <summary>Plaintext and STLS.</summary>
    public int Pop3Port { get; }

    public int Pop3sPort { get; }

    public X509Certificate2 Certificate { get; }

    public string Fingerprint => Certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256).ToLowerInvariant();

    private static bool IsRoot => Environment.UserName == "root";

    public static string NewUser(string prefix = "user") => $"{prefix}{Interlocked.Increment(ref s_users)}-{Environment.ProcessId}";

    public static async Task<DovecotServer> StartAsync(DovecotOptions? options = null)
    {
        options ??= new DovecotOptions();
        for (var attempt = 1; ; attempt++)
        {
            // Short: Dovecot's sockets live below it, and a socket's path is at most 107 bytes.
            var directory = Directory.CreateTempSubdirectory("dove").FullName;
            var ports = FreePorts(4);
            var certificate = options.Certificate ?? TestCertificates.SelfSigned("localhost");
            await WriteAsync(directory, ports, certificate, options);
            var process = Process.Start(
                new ProcessStartInfo("/usr/sbin/dovecot", ["-F", "-c", Path.Combine(directory, "dovecot.conf")])
                {
                    RedirectStandardError = true,
                    RedirectStandardOutput = true,
                }
            )!;
            var errors = process.StandardError.ReadToEndAsync();
            if (await AnswersAsync(process, ports[0]))
                return new DovecotServer(directory, process, ports, certificate, options.UserPassword);
            process.Kill();
            var log = Path.Combine(directory, "dovecot.log");
            var said = await errors + (File.Exists(log) ? await File.ReadAllTextAsync(log) : "");
            Directory.Delete(directory, recursive: true);
            if (attempt == 3)
                throw new InvalidOperationException($"Dovecot did not start: {said}");
        }
    }

    public Task<RawImap> LogInAsync(string user) => RawImap.LogInAsync(ImapPort, user, _userPassword);

    /// <summary>Puts a message into a Maildir behind the server's back: for bytes that no APPEND takes.</summary>
    public void DeliverRaw(string user, byte[] bytes, DateTimeOffset date)
    {
        Put(user, bytes, date);
        TakeOver(user);
    }

    /// <summary>Likewise, many at once.</summary>
    public void DeliverRaw(string user, IEnumerable<(byte[] Bytes, DateTimeOffset Date)> messages)
    {
        foreach (var (bytes, date) in messages)
            Put(user, bytes, date);
        TakeOver(user);
    }

    private void Put(string user, byte[] bytes, DateTimeOffset date)
    {
        var cur = Path.Combine(MaildirOf(user), "cur");
        Directory.CreateDirectory(cur);
        var file = Path.Combine(cur, $"{date.ToUnixTimeSeconds()}.{Guid.NewGuid():n}.host:2,");
        File.WriteAllBytes(file, bytes);
        File.SetLastWriteTimeUtc(file, date.UtcDateTime);
    }

    /// <summary>Where a new user's Maildir lies.</summary>
    public string MaildirOf(string user) => Path.Combine(MailDirectory, user, "Maildir");

    /// <summary>With a directory for each user.</summary>
    public string MailDirectory => Path.Combine(_directory, "mail");

    /// <summary>Hands what was put below a user's directory behind the server's back to the server.</summary>
    public void TakeOver(string user)
    {
        if (IsRoot)
            Run("chown", "-R", "nobody", Path.Combine(_directory, "mail", user));
    }

    /// <summary>Makes the server number a user's folder again, as after a restored backup.</summary>
    public void ForgetUids(string user, string folder)
    {
        var maildir = Path.Combine(MaildirOf(user), folder == "INBOX" ? "" : "." + folder);
        foreach (var file in Directory.GetFiles(maildir, "dovecot.index*"))
            File.Delete(file);
        // "3 V<UIDVALIDITY> N<UIDNEXT> G<GUID>", then a line a message. Left to itself, Dovecot takes the time in seconds as UIDVALIDITY:
        // within one second, the same again.
        var list = Path.Combine(maildir, "dovecot-uidlist");
        var header = File.ReadLines(list).First().Split(' ');
        var validity = uint.Parse(header[1][1..], System.Globalization.CultureInfo.InvariantCulture);
        File.WriteAllText(list, $"{header[0]} V{validity + 1} N1 {header[^1]}\n");
    }

    public async ValueTask DisposeAsync()
    {
        Run("kill", "-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    internal static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        listeners.ForEach(listener => listener.Stop());
        return ports;
    }

    private static async Task<bool> AnswersAsync(Process process, int port)
    {
        for (var tries = 0; tries < 200 && !process.HasExited; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                using var reader = new StreamReader(client.GetStream());
                if ((await reader.ReadLineAsync())?.StartsWith("* OK", StringComparison.Ordinal) == true)
                    return true;
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // Not there yet: nothing tells when it is, so it is asked again.
            }
            await Task.Delay(25);
        }
        return false;
    }

    private static async Task WriteAsync(string directory, int[] ports, X509Certificate2 certificate, DovecotOptions options)
    {
        Directory.CreateDirectory(Path.Combine(directory, "mail"));
        await File.WriteAllTextAsync(Path.Combine(directory, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "key.pem"), certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(
            Path.Combine(directory, "dovecot.conf"),
            DovecotConfig.Text(directory, ports, options, IsRoot, Environment.UserName)
        );
        await File.WriteAllTextAsync(Path.Combine(directory, "masters"), $"{Master}:{{PLAIN}}{options.MasterPassword}\n");
        await File.WriteAllLinesAsync(
            Path.Combine(directory, "users"),
            (options.Users ?? []).Select(user => $"{user}:{{PLAIN}}{options.UserPassword}")
        );
        await File.WriteAllTextAsync(Path.Combine(directory, "clients.pem"), options.ClientAuthority?.ExportCertificatePem() ?? "");
        await File.WriteAllTextAsync(Path.Combine(directory, "oauth2.conf.ext"), DovecotConfig.OAuth(options));
        if (!IsRoot)
            return;
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        Run("chown", "nobody", Path.Combine(directory, "mail"));
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
    }
}
