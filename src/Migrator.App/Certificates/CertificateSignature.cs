using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace Migrator.App.Certificates;

/// <summary>Detached signatures (CMS) of the last line of a certificate.</summary>
public static class CertificateSignature
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <summary>Bytes of the largest file that is read as a signature or a time stamp.</summary>
    public const int Most = 256 << 10;

    public static byte[] Sign(byte[] content, X509Certificate2 key, TimeProvider time)
    {
        var cms = new SignedCms(new ContentInfo(content), detached: true);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, key)
        {
            DigestAlgorithm = new Oid(Sha256),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(time.GetUtcNow().UtcDateTime));
        cms.ComputeSignature(signer, silent: true);
        return cms.Encode();
    }

    /// <returns>Who has signed it; null where it is not the signature of this content.</returns>
    public static X509Certificate2? Signer(byte[] signature, byte[] content)
    {
        try
        {
            var cms = new SignedCms(new ContentInfo(content), detached: true);
            cms.Decode(signature);
            // A signature that brings other content along is one of that content.
            if (
                !cms.ContentInfo.Content.AsSpan().SequenceEqual(content)
                || cms.SignerInfos is not [{ Certificate: { } certificate } signer]
                || signer.DigestAlgorithm.Value != Sha256
            )
                return null;
            signer.CheckSignature(verifySignatureOnly: true);
            return certificate;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
