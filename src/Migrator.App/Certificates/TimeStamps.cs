using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using Migrator.Core.Failures;

namespace Migrator.App.Certificates;

/// <summary>Time stamps of signatures (RFC 3161). Without one, a certificate is as good: that none came is said, and no more.</summary>
public static class TimeStamps
{
    private const int NonceLength = 16;

    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    /// <exception cref="ConfigurationException">It is not the address of a time-stamp authority.</exception>
    public static Uri Parse(string url, string option) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https" && parsed.UserInfo.Length == 0
            ? parsed
            : throw new ConfigurationException(
                "command line",
                [new ConfigurationError(option, "must be the http:// or https:// URL of a time-stamp authority, without a password.")]
            );

    /// <returns>The token; or, where there is none, why.</returns>
    public static async Task<(byte[]? Token, string? Problem)> RequestAsync(Uri authority, byte[] signature, CancellationToken stop)
    {
        // An answer is believed for its signature alone, and an authority that has moved is to be named by its new address.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        using var http = new HttpClient(handler) { Timeout = s_longest, MaxResponseContentBufferSize = CertificateSignature.Most };
        try
        {
            var request = Rfc3161TimestampRequest.CreateFromData(
                signature,
                HashAlgorithmName.SHA256,
                nonce: RandomNumberGenerator.GetBytes(NonceLength),
                requestSignerCertificates: true
            );
            using var content = new ByteArrayContent(request.Encode());
            content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
            using var answer = await http.PostAsync(authority, content, stop);
            if (!answer.IsSuccessStatusCode)
                return (null, $"it answers {(int)answer.StatusCode}");
            var token = request.ProcessResponse(await answer.Content.ReadAsByteArrayAsync(stop), out _);
            return token.VerifySignatureForData(signature, out _)
                ? (token.AsSignedCms().Encode(), null)
                : (null, "its answer is not a time stamp of this signature");
        }
        catch (CryptographicException exception)
        {
            return (null, $"its answer is not a time stamp of this signature: {exception.Message}");
        }
        catch (HttpRequestException exception)
        {
            return (
                null,
                exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded
                    ? $"its answer is larger than {CertificateSignature.Most >> 10} KiB"
                    : $"it cannot be reached: {exception.Message}"
            );
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (null, $"it did not answer within {s_longest.TotalSeconds} s");
        }
    }

    /// <returns>When the signature was there, and who says so; null where the token is not one of it.</returns>
    public static CertificateTime? Read(byte[] token, byte[] signature) =>
        Rfc3161TimestampToken.TryDecode(token, out var stamp, out var read)
        && read == token.Length
        && stamp.VerifySignatureForData(signature, out var signer)
            ? new CertificateTime(stamp.TokenInfo.Timestamp, signer.Subject, CertificateKey.Fingerprint(signer))
            : null;
}
