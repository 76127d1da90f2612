//! Reasons about electronic seals.

macro_rules! seal {
    ($next:ident $($more:ident)* { $($before:tt)* }) => {
        $next! { $($more)* {
            $($before)*

            // -- electronic seals
            SealMakerSignatureWrong "SEAL_MAKER_SIGNATURE_WRONG" Error
                "The electronic seal “{seal}” is not as its maker signed it: it was altered, or it is forged."
                "电子印章“{seal}”与其制作者签发时不一致，已被改动或系伪造。"
                => "Do not rely on the document; report it to the owner of the seal and to its maker."
                "请勿采信该文件，并告知印章所有人和印章制作单位。";
            SealMakerUndecided "SEAL_MAKER_UNDECIDED" Error
                "It could not be computed whether the maker signed the electronic seal “{seal}”: {detail}."
                "无法核验电子印章“{seal}”的制作者签名（{detail}）。"
                => "Ask for the document sealed with an electronic seal that follows GB/T 38540."
                "请使用符合 GB/T 38540 的电子印章重新签章后提交。";
            SealMakerNotTrusted "SEAL_MAKER_NOT_TRUSTED" Error
                "“{maker}” made the electronic seal “{seal}”, and its certificate is not accepted: {detail}."
                "电子印章“{seal}”由“{maker}”制作，其证书未获认可（{detail}）。"
                => "Find out by other means whether the seal is genuine, or have the CA of its maker recognised."
                "请通过其他途径核实印章真伪，或申请认可其制作单位所属的电子认证服务机构。";
            SealExpired "SEAL_EXPIRED" Error
                "The electronic seal “{seal}” was used at {at}, after it had expired on {validUntil}."
                "电子印章“{seal}”的使用时间为{at}，晚于其有效期截止时间{validUntil}。"
                => "Ask for the document sealed with a seal that is in force."
                "请使用有效期内的电子印章重新签章后提交。";
            SealNotYetValid "SEAL_NOT_YET_VALID" Error
                "The electronic seal “{seal}” was used at {at}, before it became valid on {validFrom}."
                "电子印章“{seal}”的使用时间为{at}，早于其有效期起始时间{validFrom}。"
                => "Ask for the document sealed with a seal that is in force."
                "请使用有效期内的电子印章重新签章后提交。";
            SealUseNotProven "SEAL_USE_NOT_PROVEN" Error
                "The electronic seal “{seal}” expired on {validUntil}, and the signature is known to exist since {at} alone."
                "电子印章“{seal}”已于{validUntil}到期，而该签名最早仅能确认在{at}已存在。"
                => "Ask for proof that the document was sealed before, or for the document sealed anew."
                "请提供证明该文件在此之前已签章的材料，或重新签章后提交。";
            SealSignerNotListed "SEAL_SIGNER_NOT_LISTED" Error
                "The certificate of “{subject}” is not among those that may use the electronic seal “{seal}”."
                "“{subject}”的证书不在电子印章“{seal}”的签章人证书列表中。"
                => "Do not rely on the document; ask its owner who used the seal."
                "请勿采信该文件，并向印章所有人核实用印人。";
        } }
    };
}

pub(super) use seal;
