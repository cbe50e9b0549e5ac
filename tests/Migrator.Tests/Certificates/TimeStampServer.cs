using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Certificates;

/// <summary>A time-stamp authority: <c>openssl ts -reply</c> behind HTTP.</summary>
internal sealed class TimeStampServer : IDisposable
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";

    private readonly HttpListener _listener = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tsa");
    private readonly Func<byte[], byte[]> _change;

    /// <param name="query">Makes another query of the one that came, which is then answered.</param>
    /// <param name="change">Makes another answer of the right one.</param>
    public TimeStampServer(Func<byte[], byte[]>? change = null, Func<byte[], byte[]>? query = null)
    {
        _change = change ?? (answer => answer);
        Query = query ?? (given => given);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Time of a test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(TimeStamping)], critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Authority, certificate.ExportCertificatePem());
        File.WriteAllText(In("key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(In("serial"), "01\n");
        File.WriteAllText(
            In("tsa.cnf"),
            $"""
            [tsa]
            default_tsa = one
            [one]
            serial = {In("serial")}
            signer_cert = {Authority}
            signer_key = {In("key.pem")}
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha256

            """
        );
        Url = new Uri($"http://127.0.0.1:{DovecotServer.FreePorts(1)[0]}/");
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _ = AnswerAsync();
    }

    public Uri Url { get; }

    /// <summary>Its certificate, as PEM.</summary>
    public string Authority => In("tsa.pem");

    public int Queries { get; private set; }

    private Func<byte[], byte[]> Query { get; }

    public void Dispose()
    {
        _listener.Close();
        _directory.Delete(recursive: true);
    }

    private string In(string name) => Path.Combine(_directory.FullName, name);

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var query = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(query);
                Queries++;
                await File.WriteAllBytesAsync(In("query"), Query(query.ToArray()));
                using var openssl = Process.Start(
                    new ProcessStartInfo(
                        "openssl",
                        ["ts", "-reply", "-queryfile", In("query"), "-config", In("tsa.cnf"), "-out", In("answer")]
                    )
                    {
                        RedirectStandardError = true,
                    }
                )!;
                await openssl.StandardError.ReadToEndAsync();
                await openssl.WaitForExitAsync();
                context.Response.ContentType = "application/timestamp-reply";
                context.Response.Close(_change(await File.ReadAllBytesAsync(In("answer"))), willBlock: false);
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
